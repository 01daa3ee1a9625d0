import ModelCore

extension TreeEnsemble {
    /// The score of one row, by the plainest of walks.
    ///
    /// It is what the fast ones are held against, and what serves an ensemble that does not fit
    /// into their nodes. The ensemble must have passed its check, and the row have its length.
    func plainScore(of row: ArraySlice<Float>) -> Double {
        var sum = Double(baseValue)
        for nodes in trees {
            var node = nodes[0]
            while !node.isLeaf {
                let goesTrue = node.sendsTrue(row[row.startIndex + Int(node.feature)])
                node = nodes[Int(goesTrue ? node.trueBranch : node.falseBranch)]
            }
            sum += Double(node.value)
        }
        return sum
    }
}
