// Package roads turns one OpenStreetMap extract into roads that a planner can ask without a network: exact
// travel times and distances between many points, the way between two, and where a point lies on the network.
// It reads an extract once (Read), keeps the result as one file (Network.Encode, Decode), and answers through a
// Router. It knows nothing of requests, crews or pages, opens no file, and has no clock: the moment of a
// drive is a parameter.
//
// # Model
//
// A Network is junctions and the segments of road between them, each with its shape, its class and how fast it
// may be driven or walked in each direction. A profile's graph is directed. Its nodes are junctions and, where a
// turn restriction is under way, copies of them: after the road that a restriction begins with one stands on a
// copy from which the forbidden turn does not go, so that restrictions by a node, by ways and mandatory turns
// are all exact and cost a few nodes.
//
// # Method
//
// Customizable contraction hierarchies (Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, ACM
// JEA 21, 2016): nodes are ordered once by nested dissection with inertial flow (Schild, Sommer: On Balanced
// Separators in Road Networks, SEA 2015), the order gives a chordal graph, and each set of weights (a time of
// day, closed zones) only needs its shortcuts reckoned again, which takes milliseconds for a city. A search goes up along a
// node's ancestors in the elimination tree and needs no queue (Buchhold, Sanders, Wagner: Real-time Traffic Assignment
// Using Engineered Customizable Contraction Hierarchies, ACM JEA 24, 2019). Tables make of it a label for each end: what
// each ancestor costs, from the root down. Two ends share the beginnings of their lists, and a cell is the cheapest sum
// over these (as in Ouyang et al.: When Hierarchy Meets 2-Hop-Labeling, SIGMOD 2018).
//
// # Cost
//
// A cost is one number: milliseconds in the upper 32 bits, decimetres in the lower. It adds and compares
// as it is, so the distance of a table's cell is that of its fastest way, the shortest among equally fast ones.
//
// # Not modelled
//
// A U-turn at a junction is free, as is every turn that is not restricted; traffic lights cost nothing. Speeds are
// those of Speeds, by class and time of day: nobody measured them in this city.
package roads
