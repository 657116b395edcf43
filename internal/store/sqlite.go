package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"

	"github.com/jumyla/jumyla/internal/store/disk"
)

//go:embed migrations/*.sql
var migrations embed.FS

// readerConns is how many connections read at once; two cores are kept busy by four.
const readerConns = 4

// mostMemory bounds what the writer's connection may take for everything: the pages of a rebuild, the index of its log, and
// as much again for what statements need. It is an error to need more.
const mostMemory = 4 * rebuildCache << 10

// pageCache is how much memory a connection has for pages, in KiB.
const pageCache = 32000

func fileURI(path, vfs string) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: "vfs=" + vfs + "&_txlock=immediate"}).String()
}

// connect opens the writer's single connection, or the pool of readers. Every pragma is set on every
// connection, the key first.
func connect(cfg Config, key []byte, writer bool) (*sql.DB, error) {
	pragmas := []string{
		"PRAGMA hexkey='" + hex.EncodeToString(key) + "'",
		"PRAGMA busy_timeout=10000",
		"PRAGMA synchronous=" + cfg.Synchronous, // before the first byte is written
		"PRAGMA journal_mode=WAL",
		"PRAGMA foreign_keys=ON",
		"PRAGMA secure_delete=ON",
		"PRAGMA temp_store=MEMORY",
		fmt.Sprintf("PRAGMA cache_size=-%d", pageCache),
		"PRAGMA wal_autocheckpoint=4000",
	}
	if !writer {
		pragmas = append(pragmas, "PRAGMA query_only=ON")
	}
	path, err := filepath.Abs(filepath.Join(cfg.Dir, dbFile))
	if err != nil {
		return nil, err
	}
	db, err := driver.Open(fileURI(path, cfg.VFS), func(c *sqlite3.Conn) error {
		for _, p := range pragmas {
			if err := c.Exec(p); err != nil {
				return fmt.Errorf("%.14s…: %w", p, disk.Error(err, "open database"))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	n := 1
	if !writer {
		n = readerConns
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// cipherBlock is what the encrypting file system reads and writes as a whole. The log is cut to whole ones: a power cut or
// a full disk may leave part of one that cannot be deciphered and holds nothing that was acknowledged (a commit ends at a
// block's end), and SQLite would refuse to open for it.
const cipherBlock = 4096

// migrate brings the ledger's and the working tables to this program's version.
func migrate(ctx context.Context, db *sql.DB) error {
	ctx = sqlite3.WithMaxMemory(ctx, mostMemory) // the writer's connection begins here
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return migrateBy(ctx, db, dir)
}

// migrateBy also applies a migration whose number is below the newest one that was applied: their numbers have gaps,
// which later versions fill.
func migrateBy(ctx context.Context, db *sql.DB, dir fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", disk.Error(err, "migrate"))
	}
	return nil
}
