package main

import (
	"io"
	"net"
	"net/http"
	"net/netip"
)

const (
	anywhere = "127.0.0.1:0"
	// Of a goroutine that answers: more than a message has.
	buffer = 1024
	// The size of a datagram.
	message = 64
	hello   = "Hello, World!"
)

// Accepts connections, and does that with each.
func listen(serve func(net.Conn)) string {
	listener, err := net.Listen("tcp4", anywhere)
	must(err)
	go func() {
		for {
			connection, err := listener.Accept()
			must(err)
			serve(connection)
		}
	}()
	return listener.Addr().String()
}

// Sends back what comes over each connection. (They are without delay unless one says otherwise.)
func serveMessages() string {
	return listen(func(connection net.Conn) { go answer(connection) })
}

func answer(connection net.Conn) {
	defer connection.Close()
	var bytes [buffer]byte
	for {
		length, err := connection.Read(bytes[:])
		if err != nil {
			return
		}
		if _, err := connection.Write(bytes[:length]); err != nil {
			return
		}
	}
}

// Closes each connection.
func serveVisits() string {
	return listen(func(connection net.Conn) { must(connection.Close()) })
}

// Sends back each datagram.
func serveDatagrams() string {
	socket, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(anywhere)))
	must(err)
	go func() {
		var bytes [message]byte
		for {
			length, client, err := socket.ReadFromUDPAddrPort(bytes[:])
			must(err)
			_, err = socket.WriteToUDPAddrPort(bytes[:length], client)
			must(err)
		}
	}()
	return socket.LocalAddr().String()
}

// Answers each request with the same few words.
func serveRequests() string {
	listener, err := net.Listen("tcp4", anywhere)
	must(err)
	handler := func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("Content-Type", "text/plain")
		_, err := io.WriteString(response, hello)
		must(err)
	}
	go func() { must(http.Serve(listener, http.HandlerFunc(handler))) }()
	return listener.Addr().String()
}
