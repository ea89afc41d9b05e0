// gorilla/websocket, as a server and as a client. Orders and reports are those of puppet.mjs.
//
// Debian's package puts the library where Go looks without modules: GO111MODULE=off GOPATH=/usr/share/gocode.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
)

const maxMessageBytes = 2 * 1024 * 1024

type order struct {
	Order        string
	URL          string
	Subprotocols []string
	Origin       *string
	Compress     bool
	Base64       string
	Parts        []string
	Code         *int
	Reason       string
}

type report map[string]interface{}

var (
	version     = os.Args[2]
	stdout      sync.Mutex
	connections int
	socket      *websocket.Conn
)

func say(event string, details report) {
	details["event"] = event
	line, _ := json.Marshal(details)
	stdout.Lock()
	defer stdout.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

func bytesOf(text string) []byte {
	bytes, _ := base64.StdEncoding.DecodeString(text)
	return bytes
}

// follow tells what comes in, until the connection ends.
func follow(opened *websocket.Conn, extensions string) {
	connections++
	id := connections
	socket = opened
	socket.SetReadLimit(maxMessageBytes)
	opened.SetPongHandler(func(payload string) error {
		say("pong", report{"id": id, "base64": base64.StdEncoding.EncodeToString([]byte(payload))})
		return nil
	})
	say("open", report{"id": id, "subprotocol": opened.Subprotocol(), "extensions": extensions})
	for {
		kind, payload, err := opened.ReadMessage()
		if err != nil {
			end(id, opened, err)
			return
		}
		digest := sha256.Sum256(payload)
		word := map[int]string{websocket.TextMessage: "text", websocket.BinaryMessage: "binary"}[kind]
		say("message", report{"id": id, "type": word, "bytes": len(payload), "sha256": hex.EncodeToString(digest[:])})
	}
}

func end(id int, opened *websocket.Conn, err error) {
	opened.Close()
	if closed, ok := err.(*websocket.CloseError); ok {
		say("close", report{"id": id, "code": closed.Code, "reason": closed.Text})
		return
	}
	say("error", report{"id": id, "error": err.Error()})
	say("close", report{"id": id, "code": 1006, "reason": ""})
}

func connect(told order) {
	dialer := websocket.Dialer{Subprotocols: told.Subprotocols, EnableCompression: told.Compress}
	header := http.Header{}
	if told.Origin != nil {
		header.Set("Origin", *told.Origin)
	}
	opened, response, err := dialer.Dial(told.URL, header)
	if err == nil {
		go follow(opened, response.Header.Get("Sec-WebSocket-Extensions"))
		return
	}
	connections++
	say("refused", report{"id": connections, "status": response.StatusCode})
}

// sendFragments lets the writer send what does not fit into its buffer of 4 KiB as fragments.
func sendFragments(parts []string) {
	writer, _ := socket.NextWriter(websocket.TextMessage)
	for _, part := range parts {
		writer.Write(bytesOf(part))
	}
	writer.Close()
}

func closeWith(code *int, reason string) {
	payload := []byte{}
	if code != nil {
		payload = websocket.FormatCloseMessage(*code, reason)
	}
	socket.WriteMessage(websocket.CloseMessage, payload)
}

func obey(told order) {
	switch told.Order {
	case "connect":
		connect(told)
	case "text":
		socket.WriteMessage(websocket.TextMessage, bytesOf(told.Base64))
	case "binary":
		socket.WriteMessage(websocket.BinaryMessage, bytesOf(told.Base64))
	case "fragments":
		sendFragments(told.Parts)
	case "ping":
		socket.WriteMessage(websocket.PingMessage, bytesOf(told.Base64))
	case "close":
		closeWith(told.Code, told.Reason)
	case "drop":
		socket.UnderlyingConn().Close()
	case "violate":
		socket.WriteMessage(websocket.TextMessage, []byte{0x61, 0xff})
	}
}

func serve() {
	upgrader := websocket.Upgrader{
		Subprotocols:      []string{"chat"},
		EnableCompression: true,
		CheckOrigin:       func(request *http.Request) bool { return request.URL.Path != "/refused" },
	}
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	say("ready", report{"version": version, "port": listener.Addr().(*net.TCPAddr).Port})
	http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if opened, err := upgrader.Upgrade(response, request, nil); err == nil {
			follow(opened, request.Header.Get("Sec-WebSocket-Extensions"))
		}
	}))
}

func main() {
	if os.Args[1] == "server" {
		go serve()
	} else {
		say("ready", report{"version": version})
	}
	lines := bufio.NewReaderSize(os.Stdin, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var told order
		json.Unmarshal(line, &told)
		obey(told)
	}
}
