"""Measures the features of one region with twinctl and with its peers, each in a process of its own.

    imaging.py --twinctl PATH [--radiomics PYTHON] [--mirp PYTHON] [--sizes 128 256]

PYTHON is the interpreter of an environment that holds the peer: pyradiomics 3.0.1 and
flash-radiomics 1.0.0 in one, mirp 2.7.0 in the other. The image is a smooth texture in voxels of
1 mm, the region a ball of 0.4 of the side; bins are 25 wide. One thread; user and system CPU seconds
of the whole process, reading included, and the most memory it held. MIRP approximates Moran's I and
Geary's C here; twinctl does not.
"""
import argparse
import multiprocessing
import os
import pathlib
import subprocess
import tempfile


def make(folder, side):
    import nibabel
    import numpy
    import scipy.ndimage
    noise = numpy.random.default_rng(1).standard_normal((side,) * 3).astype("f4")
    texture = scipy.ndimage.gaussian_filter(noise, 1.5)
    image = (texture / texture.std() * 180).round().clip(-540, 540).astype("i2")
    away = numpy.indices((side,) * 3, dtype="f4") - (side - 1) / 2
    ball = ((away**2).sum(0) <= (0.4 * side) ** 2).astype("u1")
    for name, voxels in (("image", image), ("mask", ball)):
        nibabel.save(nibabel.Nifti1Image(voxels, numpy.eye(4)), folder / f"{name}.nii")


def run_peer(name, folder):
    image, mask = str(folder / "image.nii"), str(folder / "mask.nii")
    if name == "mirp":
        import mirp
        found = mirp.extract_features(
            image=image, mask=mask, image_modality="ct", num_cpus=1,
            base_discretisation_method="fixed_bin_size", base_discretisation_bin_width=25.0,
            resegmentation_intensity_range=[-1000.0, 1000.0])
        print(found[0].shape[1])
        return
    if name == "pyradiomics":
        import radiomics
        radiomics.setVerbosity(40)
        from radiomics import featureextractor
    else:
        from flash_radiomics import featureextractor
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25)
    if name == "flash-radiomics":
        extractor.enableAllScalarFeatures()
    else:
        extractor.enableAllFeatures()
    print(len([key for key in extractor.execute(image, mask) if "diagnostics" not in key]))


def measure(command):
    """CPU seconds, megabytes and output of a command, its children's counted by the system."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1",
                       OPENBLAS_NUM_THREADS="1", ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS="1")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env=environment, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        return None
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.strip().split("\n")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--twinctl")
    options.add_argument("--radiomics")
    options.add_argument("--mirp")
    options.add_argument("--sizes", type=int, nargs="+", default=[128, 256])
    options.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.peer:
        return run_peer(options.peer[0], pathlib.Path(options.peer[1]))
    for side in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            # In a process of its own: what starts a peer must be small, or its memory counts too.
            maker = multiprocessing.Process(target=make, args=(folder, side))
            maker.start()
            maker.join()
            own = [options.twinctl, "imaging", "features", str(folder / "image.nii"), "--mask",
                   str(folder / "mask.nii"), "--json"]
            peers = [("twinctl", own)] if options.twinctl else []
            for peer, python in (("flash-radiomics", options.radiomics),
                                 ("pyradiomics", options.radiomics), ("mirp", options.mirp)):
                if python:
                    peers.append((peer, [python, __file__, "--peer", peer, name]))
            for peer, command in peers:
                found = measure(command)
                if found is None:
                    print(f"{side}^3 {peer}: failed", flush=True)
                    continue
                seconds, megabytes, lines = found
                count = len(lines) if peer == "twinctl" else lines[-1]
                print(f"{side}^3 {peer}: {count} features, {seconds:.2f} CPU s, "
                      f"{megabytes:.0f} MB", flush=True)


main()
