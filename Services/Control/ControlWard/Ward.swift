import TwinCore
