package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/store/disk"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store/rebind"
	"github.com/jumyla/jumyla/ledger"
)

// Actor is the account on whose behalf something is written; zero is the program itself.
type Actor = id.ID

// maxBatch is how many waiting writes share one commit at most.
const maxBatch = 256

// writer is the one goroutine that writes. Writes that wait while a commit reaches the disk share the
// next commit; each runs in a savepoint, so that one that fails takes nothing with it.
type writer struct {
	db    *DB
	pool  *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	queue chan *job
	done  chan struct{}
	once  sync.Once
	runs  bool // the goroutine was started

	lanes       map[ledger.Class]lane
	incarnation uint32
	clock       ledger.Clock
	next        int64             // number of the next entry
	minted      id.ID             // the newest identity
	past        id.ID             // the newest of those that were dated
	count       uint64            // what identities count on from
	counts      int               // how many more do, before chance is asked again
	dir         *ledger.Directory // nil until it is asked for
	cuts        cuts
}

// lane is one of the centre's own lanes with its end.
type lane struct {
	id   int64
	head ledger.Head
}

type job struct {
	ctx   context.Context //nolint:containedctx // travels to the writer with its function
	actor Actor
	fn    func(*Tx) error
	alone func() error // in place of fn: runs in no transaction of the writer's
	done  chan error
}

func newWriter(ctx context.Context, db *DB, pool *sql.DB) (*writer, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("writer: %w", disk.Error(err, "open database"))
	}
	return &writer{db: db, pool: pool, conn: conn, stmts: map[string]*sql.Stmt{},
		queue: make(chan *job, maxBatch), done: make(chan struct{}), lanes: map[ledger.Class]lane{}}, nil
}

func (w *writer) start() {
	w.runs = true
	go w.run()
}

func (w *writer) stop() error {
	var err error
	w.once.Do(func() {
		close(w.queue)
		if w.runs {
			<-w.done
		}
		for _, st := range w.stmts {
			err = errors.Join(err, st.Close())
		}
		err = errors.Join(err, w.conn.Close(), w.pool.Close())
	})
	return err
}

// Write runs fn in a transaction that is durable when Write returns nil. fn may run twice, when the commit
// it shared failed: it must change nothing but what it writes through tx. It must not call Write.
func (db *DB) Write(ctx context.Context, actor Actor, fn func(tx *Tx) error) error {
	return db.enqueue(&job{ctx: ctx, actor: actor, fn: fn, done: make(chan error, 1)})
}

// exclusive runs fn while the writer waits, outside any transaction of the writer's.
func (db *DB) exclusive(ctx context.Context, fn func() error) error {
	return db.enqueue(&job{ctx: ctx, alone: fn, done: make(chan error, 1)})
}

func (db *DB) enqueue(j *job) (err error) {
	defer func() {
		if recover() != nil { // the queue was closed meanwhile
			err = errs.New(errs.Unavailable, "store.closed")
		}
	}()
	select {
	case db.writer.queue <- j:
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
	return <-j.done // once queued it runs: an answer is never lost
}

func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		batch := make([]*job, 0, 16)
	fill:
		for j := first; ; {
			if j.alone != nil {
				w.commit(batch)
				batch = batch[:0]
				j.done <- guarded(j.alone)
			} else if batch = append(batch, j); len(batch) == maxBatch {
				break
			}
			select {
			case next, ok := <-w.queue:
				if j = next; !ok {
					break fill
				}
			default:
				break fill
			}
		}
		w.commit(batch)
	}
}

// commit runs a batch in one transaction. Where the commit itself fails, each write is tried once more on
// its own, so that one that fills the disk does not take the others with it.
func (w *writer) commit(batch []*job) {
	if len(batch) == 0 {
		return
	}
	results := make([]error, len(batch))
	err := w.transact(batch, results)
	if err != nil && len(batch) > 1 {
		for i, j := range batch {
			one := []error{nil}
			if err := w.transact([]*job{j}, one); err != nil {
				one[0] = err
			}
			results[i] = one[0]
		}
	} else if err != nil {
		results[0] = err
	}
	for i, j := range batch {
		j.done <- results[i]
	}
}

func (w *writer) transact(batch []*job, results []error) error {
	ctx := context.WithoutCancel(batch[0].ctx) // an interrupt would undo the others' work
	saved := w.state()
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return disk.Error(err, "begin")
	}
	change := Change{Kinds: map[string]bool{}, Records: map[string][]id.ID{}}
	var err error
	for i, j := range batch {
		var undone error
		if results[i], undone = w.savepoint(ctx, j, change); undone != nil {
			err = results[i] // SQLite has taken the whole transaction back
			break
		}
	}
	if err == nil {
		err = w.signHeads(ctx, saved)
	}
	if err == nil {
		err = w.exec(ctx, "COMMIT")
	}
	if err != nil {
		w.restore(saved)
		_ = w.exec(ctx, "ROLLBACK")
		return disk.Error(err, "commit")
	}
	w.db.announce(change)
	return nil
}

// state is what a rollback must put back beside the database.
type state struct {
	lanes map[ledger.Class]lane
	clock ledger.Clock
	next  int64
}

func (w *writer) state() state {
	lanes := make(map[ledger.Class]lane, len(w.lanes))
	maps.Copy(lanes, w.lanes)
	return state{lanes, w.clock, w.next}
}

func (w *writer) restore(s state) {
	w.lanes, w.clock, w.next, w.dir = s.lanes, s.clock, s.next, nil
}

// savepoint runs one write so that its failure takes nothing else with it. undone is not nil where even
// that was impossible, as on a full disk.
func (w *writer) savepoint(ctx context.Context, j *job, change Change) (err, undone error) {
	if err := j.ctx.Err(); err != nil {
		return err, nil
	}
	saved := w.state()
	if err := w.exec(ctx, "SAVEPOINT job"); err != nil {
		return disk.Error(err, "savepoint"), err
	}
	tx := &Tx{Now: w.db.Now(), Actor: j.actor, w: w, kinds: map[string]bool{}, records: map[string][]id.ID{}}
	if err = tx.begin(); err == nil {
		err = guarded(func() error { return j.fn(tx) })
	}
	if err != nil {
		w.restore(saved)
		if errs.KindOf(err) == errs.Internal {
			err = disk.Error(err, "write")
		}
		if back := w.exec(ctx, "ROLLBACK TO job"); back != nil {
			return err, back
		}
	}
	if rel := w.exec(ctx, "RELEASE job"); rel != nil {
		return errors.Join(err, disk.Error(rel, "release")), rel
	}
	if err == nil {
		for k := range tx.kinds {
			change.Kinds[k] = true
		}
		for k, ids := range tx.records {
			change.Records[k] = append(change.Records[k], ids...)
		}
	}
	return err, nil
}

func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

// signHeads signs the end of each lane that has grown since, once for the whole commit.
func (w *writer) signHeads(ctx context.Context, since state) error {
	for class, l := range w.lanes {
		if since.lanes[class].head == l.head {
			continue
		}
		sig := ledger.SignHead(w.db.key, w.lane(class), l.head)
		if err := w.exec(ctx, "UPDATE ledger_lane SET seq=$1, hash=$2, signature=$3, signed=0 WHERE id=$4",
			int64(l.head.Seq), l.head.Hash[:], sig, l.id); err != nil { //nolint:gosec // counts from 1
			return err
		}
	}
	return nil
}

func (w *writer) lane(c ledger.Class) ledger.Lane {
	return ledger.Lane{Centre: w.db.centre, Incarnation: w.incarnation, Class: c}
}

func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := w.stmts[query]; st != nil {
		return st, nil
	}
	st, err := w.conn.PrepareContext(ctx, rebind.Query(query))
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	w.stmts[query] = st
	return st, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	_, err := w.execN(ctx, query, args...)
	return err
}

func (w *writer) execN(ctx context.Context, query string, args ...any) (int64, error) {
	st, err := w.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// append puts an entry at the end of its class's lane, with its sealed body beside it.
func (w *writer) append(ctx context.Context, e *ledger.Entry, sealed []byte) (ledger.Hash, error) {
	l, err := w.openLane(ctx, e.Lane.Class)
	if err != nil {
		return ledger.Hash{}, err
	}
	if e.Lane = w.lane(e.Lane.Class); e.Time == 0 {
		w.clock = w.clock.Tick(w.db.cfg.Now().UnixMilli())
		e.Time = uint64(w.clock)
	}
	raw, head, err := l.head.Append(e)
	if err != nil {
		return ledger.Hash{}, err
	}
	if err := w.exec(ctx, "INSERT INTO ledger_entry (n, lane, seq, hash, record, raw) VALUES ($1,$2,$3,$4,$5,$6)",
		w.next, l.id, int64(head.Seq), head.Hash[:], e.Record[:], raw); err != nil { //nolint:gosec // counts from 1
		return ledger.Hash{}, fmt.Errorf("append entry: %w", err)
	}
	if sealed != nil {
		if err := w.exec(ctx, "INSERT INTO ledger_body (hash, record, sealed) VALUES ($1,$2,$3)",
			head.Hash[:], e.Record[:], sealed); err != nil {
			return ledger.Hash{}, fmt.Errorf("keep body: %w", err)
		}
	}
	if e.Lane.Class == ledger.Dir && w.dir != nil {
		w.db.learn(w.dir, w.cuts, e, head.Hash)
	}
	w.next++
	l.head = head
	w.lanes[e.Lane.Class] = l
	return head.Hash, nil
}

func (w *writer) openLane(ctx context.Context, c ledger.Class) (lane, error) {
	if l, ok := w.lanes[c]; ok {
		return l, nil
	}
	var l lane
	row, err := w.stmt(ctx, "INSERT INTO ledger_lane (centre, incarnation, class, seq, hash, signature) VALUES ($1,$2,$3,0,$4,$5) RETURNING id")
	if err != nil {
		return l, err
	}
	err = row.QueryRowContext(ctx, w.db.centre[:], w.incarnation, string(c), l.head.Hash[:], []byte{}).Scan(&l.id)
	w.lanes[c] = l
	return l, err
}

// Tx is a write under way. Its time is Now; what it reads includes what it has written.
type Tx struct {
	Now   time.Time // UTC, whole microseconds
	Actor Actor

	w       *writer
	batch   ledger.ID
	act     uint32
	kinds   map[string]bool
	records map[string][]id.ID // put or erased, by kind
	dated   bool               // Now was given by Date: entries bear it
	strict  bool               // what is written is our own word: a record that the tables cannot show is an error
	fresh   bool               // the projected tables were empty: nothing of a record is there before it is applied
	taking  bool               // entries are being taken in: what is to be done or said about them waits for Settle
}

func (tx *Tx) begin() error {
	v, err := tx.w.mint(tx.Now)
	tx.batch = ledger.Stamp(ledger.ID(v), tx.w.db.centre) // what follows need not travel
	return err
}

// countsOn is how many identities count on from one number: few, so that two copies of a machine that go on from one moment part soon.
const countsOn = 4096

// mint mints an identity of a moment. It counts on from the one before instead of asking chance each time: those of one
// centre follow from each other, and so travel in a byte or two (docs/adr/0008).
func (w *writer) mint(at time.Time) (id.ID, error) {
	var b [16]byte
	if w.counts == 0 {
		if _, err := io.ReadFull(w.db.cfg.Random, b[2:8]); err != nil {
			return id.ID{}, err
		}
		b[2] &= 0x7f // room to count
		w.count, w.counts = binary.BigEndian.Uint64(b[:]), countsOn
	}
	w.count, w.counts = w.count+1, w.counts-1
	binary.BigEndian.PutUint64(b[:], w.count)
	return id.From(at, bytes.NewReader(b[2:]))
}

// NewID mints an identity for a new record. It sorts after all that were minted before, also when the machine's clock
// was set back meanwhile, for of two facts the later one counts. Those of a write that Date dates have its time; of one
// millisecond they too sort in the order in which they were minted. Its end names the centre, so that no other can say
// later that the record began there.
func (tx *Tx) NewID() id.ID {
	from, last := tx.Now, &tx.w.minted
	if tx.dated {
		last = &tx.w.past
	} else if known := time.UnixMilli(tx.w.clock.Milliseconds()); from.Before(known) {
		from = known
	}
	v, err := tx.w.mint(from)
	if err != nil {
		panic(err) // caught by Write
	}
	if head := len(v) - id.Tail; bytes.Compare(v[:head], last[:head]) <= 0 && (!tx.dated || bytes.Equal(v[:6], last[:6])) {
		v = last.Next()
	}
	v = id.ID(ledger.Stamp(ledger.ID(v), tx.w.db.centre))
	*last = v
	return v
}

// NewID mints an identity of kind K in tx.
func NewID[K any](tx *Tx) id.Of[K] { return id.Of[K]{ID: tx.NewID()} }

// wrote notes what the commit is to announce.
func (tx *Tx) wrote(kind string, rid id.ID) {
	tx.kinds[kind] = true
	tx.records[kind] = append(tx.records[kind], rid)
}

// Date makes Now, and the time of the entries that follow in this write, another: for a drill, whose past is invented
// and written all at once. Nobody else may; the order of what is written stays that of the chain.
func (tx *Tx) Date(at time.Time) { tx.Now, tx.dated = at.UTC().Truncate(time.Microsecond), true }

// Touch makes the commit announce kind, for writes to working tables that screens watch.
func (tx *Tx) Touch(kind string) { tx.kinds[kind] = true }

// Exec changes a noun's projected table, or a working table, and returns how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return tx.w.execN(context.WithoutCancel(ctx), query, args...)
}

// Query reads rows, with what tx has written.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := tx.w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.WithoutCancel(ctx), args...)
}

// QueryRow reads one row, with what tx has written.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	ctx = context.WithoutCancel(ctx)
	st, err := tx.w.stmt(ctx, query)
	if err != nil {
		return tx.w.conn.QueryRowContext(ctx, rebind.Query(query), args...) // carries the error
	}
	return st.QueryRowContext(ctx, args...)
}

// Once carries out a form's token: it returns the first result and true when the token was seen before.
// Otherwise the caller does the work and calls Done.
func (tx *Tx) Once(ctx context.Context, token string) (result string, seen bool, err error) {
	if token == "" {
		return "", false, nil
	}
	err = tx.QueryRow(ctx, "SELECT result FROM once WHERE token=$1", token).Scan(&result)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return result, err == nil, err
}

// Done keeps the result of a token's work.
func (tx *Tx) Done(ctx context.Context, token, result string) error {
	if token == "" {
		return nil
	}
	_, err := tx.Exec(ctx, "INSERT INTO once (token, result, at) VALUES ($1,$2,$3)", token, result, Micro(tx.Now))
	return err
}

func digest(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
