package tabular

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Files that are refused, each with what to do instead.
const (
	refuseEmpty     Reason = "tabular.file.empty"
	refuseEncrypted Reason = "tabular.file.encrypted"
	refuseOldExcel  Reason = "tabular.file.old_excel"
	refuseOtherBook Reason = "tabular.file.other_book" // ODS, XLSB, a web page or XML named .xls
	refuseDocument  Reason = "tabular.file.document"   // PDF, Word
	refuseImage     Reason = "tabular.file.image"
	refuseArchive   Reason = "tabular.file.archive"
	refuseBinary    Reason = "tabular.file.binary"
)

type sniffed struct {
	kind   Kind
	refuse Reason
}

// sniff says what a file is by its first bytes; a file's name is not believed.
func sniff(b []byte) sniffed {
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")))
	switch {
	case len(trimmed) == 0:
		return sniffed{refuse: refuseEmpty}
	case hasAt(b, 0, "PK\x03\x04"), hasAt(b, 0, "PK\x05\x06"):
		return sniffed{kind: XLSX}
	case hasAt(b, 0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"):
		return sniffed{refuse: sniffOLE(b)}
	case hasAt(b, 0, "%PDF"), hasAt(b, 0, "{\\rtf"):
		return sniffed{refuse: refuseDocument}
	case image(b):
		return sniffed{refuse: refuseImage}
	case hasAt(b, 0, "Rar!"), hasAt(b, 0, "7z\xBC\xAF"), hasAt(b, 0, "\x1F\x8B"):
		return sniffed{refuse: refuseArchive}
	case hasAt(b, 0, "\x09\x08\x10\x00"), hasAt(b, 0, "\x09\x04\x06\x00"):
		return sniffed{refuse: refuseOldExcel} // bare BIFF streams
	case markup(trimmed):
		return sniffed{refuse: refuseOtherBook}
	case noText(b):
		return sniffed{refuse: refuseBinary}
	}
	return sniffed{kind: CSV}
}

// sniffOLE tells what lies in the container that old Office and encrypted new Office share.
func sniffOLE(b []byte) Reason {
	switch {
	case bytes.Contains(b, wide("EncryptedPackage")):
		return refuseEncrypted
	case bytes.Contains(b, wide("WordDocument")):
		return refuseDocument
	}
	return refuseOldExcel
}

// wide returns s as UTF-16LE, in which that container writes its directory.
func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func image(b []byte) bool {
	for _, magic := range []string{"\xFF\xD8\xFF", "\x89PNG", "GIF8", "II*\x00", "MM\x00*", "BM\x36", "RIFF"} {
		if hasAt(b, 0, magic) {
			return true
		}
	}
	return hasAt(b, 4, "ftyp")
}

// markup reports a web page or an XML document: portals export these under the name .xls.
func markup(b []byte) bool {
	head := strings.ToLower(string(b[:min(len(b), 256)]))
	for _, p := range []string{"<?xml", "<html", "<!doctype", "<table", "<meta", "<head"} {
		if strings.HasPrefix(head, p) {
			return true
		}
	}
	return false
}

// noText reports that b is no text: many control bytes in it, and not for being UTF-16.
func noText(b []byte) bool {
	if utf16Order(b) != 0 {
		return false
	}
	head := b[:min(len(b), 64<<10)]
	odd := 0
	for _, c := range head {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' {
			odd++
		}
	}
	return odd*50 > len(head) && odd > 4
}

// utf16Order returns 'l' or 'b' when b is UTF-16 of that byte order, else 0. Without a mark it is told by
// the high bytes, of which nearly all are 0 or, for Cyrillic, 4.
func utf16Order(b []byte) byte {
	switch {
	case hasAt(b, 0, "\xFF\xFE"):
		return 'l'
	case hasAt(b, 0, "\xFE\xFF"):
		return 'b'
	case len(b) < 8 || len(b)%2 != 0:
		return 0
	}
	head := b[:min(len(b), 4096)&^1]
	var high [2]int
	zeros := 0
	for i, c := range head {
		if c == 0 || c == 4 {
			high[i%2]++
		}
		if c == 0 {
			zeros++
		}
	}
	half := len(head) / 2
	switch {
	case zeros*20 < len(head):
		return 0
	case high[1]*10 > half*9 && high[0]*10 < half:
		return 'l'
	case high[0]*10 > half*9 && high[1]*10 < half:
		return 'b'
	}
	return 0
}
