/// A symmetric matrix of three rows.
struct SymmetricMatrix {
    var rows: [[Double]]

    init(xx: Double, xy: Double, xz: Double, yy: Double, yz: Double, zz: Double) {
        rows = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]
    }

    /// Its eigenvalues, the greatest first, by Jacobi's rotations.
    func eigenvalues() -> [Double] {
        var a = rows
        for _ in 0..<60 {
            let pairs = [(0, 1), (0, 2), (1, 2)]
            guard let (p, q) = pairs.max(by: { abs(a[$0.0][$0.1]) < abs(a[$1.0][$1.1]) }),
                a[p][q] != 0
            else { break }
            let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
            let tangent =
                (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
            let cosine = 1 / (tangent * tangent + 1).squareRoot()
            let sine = tangent * cosine
            for k in 0..<3 {
                let (x, y) = (a[k][p], a[k][q])
                a[k][p] = cosine * x - sine * y
                a[k][q] = sine * x + cosine * y
            }
            for k in 0..<3 {
                let (x, y) = (a[p][k], a[q][k])
                a[p][k] = cosine * x - sine * y
                a[q][k] = sine * x + cosine * y
            }
        }
        return [a[0][0], a[1][1], a[2][2]].sorted(by: >)
    }
}
