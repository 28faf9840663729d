// Command check verifies a log folder with the packages of the Go checksum database: note for signatures, tlog for
// tiles, entries, inclusion and consistency. It shares no line with headgate. Usage: check FOLDER VKEY [OLD-CHECKPOINT].
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ path string }

func (f folder) Height() int { return 8 }

// Paths of the checksum database begin with tile/8/; those of tlog-tiles do not, and name bundles "entries".
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.path, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(path string, verifier note.Verifier) tlog.Tree {
	data, err := os.ReadFile(path)
	must(err)
	signed, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		must(fmt.Errorf("not a checkpoint of %s", verifier.Name()))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func entries(f folder, size int64) [][]byte {
	var all [][]byte
	for first := int64(0); first < size; first += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: 256}
		if size-first < 256 {
			tile.W = int(size - first)
		}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(f.path, path))
		must(err)
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	return all
}

func main() {
	f := folder{os.Args[1]}
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	tree := open(filepath.Join(f.path, "checkpoint"), verifier)
	reader := tlog.TileHashReader(tree, f)
	all := entries(f, tree.N)
	if int64(len(all)) != tree.N {
		must(fmt.Errorf("%d entries instead of %d", len(all), tree.N))
	}
	for number, entry := range all {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(number))})
		must(err)
		if leaf := tlog.RecordHash(entry); !bytes.Equal(leaf[:], hashes[0][:]) {
			must(fmt.Errorf("entry %d is not the one in its tile", number))
		}
	}
	for number := int64(0); number < tree.N; number += 1 + tree.N/50 {
		proof, err := tlog.ProveRecord(tree.N, number, reader)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, number, tlog.RecordHash(all[number])))
	}
	if len(os.Args) > 3 {
		old := open(os.Args[3], verifier)
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	}
	fmt.Printf("%d entries hold\n", tree.N)
}
