// Package tiles makes the map of one OpenStreetMap extract: vector tiles in one PMTiles file, and drawings of a piece of
// it as plain shapes for pages without scripts and for paper. It opens no file and knows nothing of requests,
// crews or pages.
//
// # Building
//
// Build reads an extract three times: relations that are areas, then the ways that are drawn or that those need, then
// the nodes of both. Ways that go on in one another under one name become one line. The world is then cut into four again
// and again: each part takes of its parent what lies in it and a margin around, down to MaxZoom, so that memory holds
// the features of one branch. Each tile is simplified for its zoom and holds what its zoom can show.
//
// # Files
//
// The tiles are Mapbox Vector Tiles 2.1, gzipped, in a PMTiles 3 archive (both public specifications), with the program's
// own version in the metadata. Layers and their classes are those of layer; names stand under name, name:kk, name:ru and
// name:en, those alone that differ from name.
//
// # What an extract may lack
//
// Areas whose ring does not close, ways whose nodes lie beyond the border, members that are not there, relations that
// hold one another: what can be drawn is drawn, the rest is left out. A line with a piece longer than a degree is taken
// for damaged.
package tiles
