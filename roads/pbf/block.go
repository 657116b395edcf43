package pbf

import (
	"github.com/paulmach/osm"
	"google.golang.org/protobuf/encoding/protowire"
)

// block is a PrimitiveBlock under way.
type block struct {
	keep        *Keep
	words       []string
	granularity int64
	lat, lon    int64 // offsets in 1e-9 degrees
	groups      [][]byte
	out         []osm.Object
}

// decode reads a block's objects.
func (k *Keep) decode(blob []byte) ([]osm.Object, error) {
	raw, err := inflate(blob)
	if err != nil {
		return nil, err
	}
	b := &block{keep: k, granularity: 100}
	err = eachField(raw, func(num int, v uint64, part []byte) error {
		switch num {
		case 1:
			return b.table(part)
		case 2:
			b.groups = append(b.groups, part)
		case 17:
			b.granularity = int64(v)
		case 19:
			b.lat = int64(v)
		case 20:
			b.lon = int64(v)
		}
		return nil
	})
	for i := 0; i < len(b.groups) && err == nil; i++ {
		err = eachField(b.groups[i], b.thing)
	}
	return b.out, err
}

// table reads the words that tags are made of.
func (b *block) table(msg []byte) error {
	return eachField(msg, func(num int, _ uint64, word []byte) error {
		if num == 1 {
			b.words = append(b.words, string(word))
		}
		return nil
	})
}

// thing reads one of a group's fields.
func (b *block) thing(num int, _ uint64, msg []byte) error {
	switch {
	case num == 1 && !b.keep.SkipNodes:
		return b.node(msg)
	case num == 2 && !b.keep.SkipNodes:
		return b.dense(msg)
	case num == 3 && !b.keep.SkipWays:
		return b.way(msg)
	case num == 4 && !b.keep.SkipRelations:
		return b.relation(msg)
	}
	return nil
}

func (b *block) word(i uint64) (string, error) {
	if i >= uint64(len(b.words)) {
		return "", ErrBlock
	}
	return b.words[i], nil
}

// degrees turns a stored coordinate into degrees.
func (b *block) degrees(offset, v int64) float64 { return 1e-9 * float64(offset+b.granularity*v) }

// varints reads a packed list.
func varints(b []byte) ([]uint64, error) {
	out := make([]uint64, 0, len(b))
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, ErrBlock
		}
		out, b = append(out, v), b[n:]
	}
	return out, nil
}

// deltas reads a packed list of differences, and adds them up.
func deltas(b []byte) ([]int64, error) {
	vs, err := varints(b)
	out := make([]int64, len(vs))
	last := int64(0)
	for i, v := range vs {
		last += protowire.DecodeZigZag(v)
		out[i] = last
	}
	return out, err
}

// tags puts keys and values into words.
func (b *block) tags(keys, vals []byte) (osm.Tags, error) {
	ks, err := varints(keys)
	if err != nil {
		return nil, err
	}
	vs, err := varints(vals)
	if err != nil || len(ks) != len(vs) {
		return nil, ErrBlock
	}
	var out osm.Tags
	for i := range ks {
		k, errK := b.word(ks[i])
		v, errV := b.word(vs[i])
		if errK != nil || errV != nil {
			return nil, ErrBlock
		}
		out = append(out, osm.Tag{Key: k, Value: v})
	}
	return out, nil
}

// take keeps a copy of a node that the filter lets through: most are not, and cost no room.
func (b *block) take(n *osm.Node) {
	if b.keep.FilterNode == nil || b.keep.FilterNode(n) {
		kept := *n
		b.out = append(b.out, &kept)
	}
}

// node reads a node that stands alone.
func (b *block) node(msg []byte) error {
	n := &osm.Node{Visible: true}
	var keys, vals []byte
	err := eachField(msg, func(num int, v uint64, part []byte) error {
		switch num {
		case 1:
			n.ID = osm.NodeID(protowire.DecodeZigZag(v))
		case 2:
			keys = part
		case 3:
			vals = part
		case 8:
			n.Lat = b.degrees(b.lat, protowire.DecodeZigZag(v))
		case 9:
			n.Lon = b.degrees(b.lon, protowire.DecodeZigZag(v))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n.Tags, err = b.tags(keys, vals); err == nil {
		b.take(n)
	}
	return err
}

// dense reads nodes that are kept by columns.
func (b *block) dense(msg []byte) error {
	var cols [11][]byte
	err := eachField(msg, func(num int, _ uint64, part []byte) error {
		if num < len(cols) {
			cols[num] = part
		}
		return nil
	})
	if err != nil {
		return err
	}
	var ids, lats, lons []int64
	for num, col := range map[int]*[]int64{1: &ids, 8: &lats, 9: &lons} {
		if *col, err = deltas(cols[num]); err != nil {
			return err
		}
	}
	words, err := varints(cols[10])
	if err != nil || len(lats) != len(ids) || len(lons) != len(ids) {
		return ErrBlock
	}
	var n osm.Node
	for i, id := range ids {
		n = osm.Node{Visible: true, ID: osm.NodeID(id), Lat: b.degrees(b.lat, lats[i]), Lon: b.degrees(b.lon, lons[i])}
		if n.Tags, words, err = b.run(words); err != nil {
			return err
		}
		b.take(&n)
	}
	return nil
}

// run reads the tags of one node off a column of keys and values, which a zero ends.
func (b *block) run(words []uint64) (osm.Tags, []uint64, error) {
	var out osm.Tags
	for len(words) > 0 && words[0] != 0 {
		if len(words) < 2 {
			return nil, nil, ErrBlock
		}
		k, errK := b.word(words[0])
		v, errV := b.word(words[1])
		if errK != nil || errV != nil {
			return nil, nil, ErrBlock
		}
		out, words = append(out, osm.Tag{Key: k, Value: v}), words[2:]
	}
	if len(words) > 0 {
		words = words[1:]
	}
	return out, words, nil
}

func (b *block) way(msg []byte) error {
	w := &osm.Way{Visible: true}
	var cols [9][]byte
	err := eachField(msg, func(num int, v uint64, part []byte) error {
		if num == 1 {
			w.ID = osm.WayID(v)
		}
		if num < len(cols) {
			cols[num] = part
		}
		return nil
	})
	if err != nil {
		return err
	}
	refs, err := deltas(cols[8])
	if err != nil {
		return err
	}
	if w.Tags, err = b.tags(cols[2], cols[3]); err != nil {
		return err
	}
	w.Nodes = make(osm.WayNodes, len(refs))
	for i, ref := range refs {
		w.Nodes[i].ID = osm.NodeID(ref)
	}
	if b.keep.FilterWay == nil || b.keep.FilterWay(w) {
		b.out = append(b.out, w)
	}
	return nil
}

// memberTypes are what a relation's members can be, as the format numbers them.
var memberTypes = [...]osm.Type{osm.TypeNode, osm.TypeWay, osm.TypeRelation}

func (b *block) relation(msg []byte) error {
	r := &osm.Relation{Visible: true}
	var cols [11][]byte
	err := eachField(msg, func(num int, v uint64, part []byte) error {
		if num == 1 {
			r.ID = osm.RelationID(v)
		}
		if num < len(cols) {
			cols[num] = part
		}
		return nil
	})
	if err != nil {
		return err
	}
	if r.Tags, err = b.tags(cols[2], cols[3]); err != nil {
		return err
	}
	if r.Members, err = b.members(cols[8], cols[9], cols[10]); err != nil {
		return err
	}
	if b.keep.FilterRelation == nil || b.keep.FilterRelation(r) {
		b.out = append(b.out, r)
	}
	return nil
}

func (b *block) members(roles, refs, kinds []byte) (osm.Members, error) {
	rs, err := varints(roles)
	if err != nil {
		return nil, err
	}
	ids, err := deltas(refs)
	if err != nil {
		return nil, err
	}
	ks, err := varints(kinds)
	if err != nil || len(rs) != len(ids) || len(ks) != len(ids) {
		return nil, ErrBlock
	}
	out := make(osm.Members, len(ids))
	for i, id := range ids {
		role, err := b.word(rs[i])
		if err != nil || ks[i] >= uint64(len(memberTypes)) {
			return nil, ErrBlock
		}
		out[i] = osm.Member{Type: memberTypes[ks[i]], Ref: id, Role: role}
	}
	return out, nil
}
