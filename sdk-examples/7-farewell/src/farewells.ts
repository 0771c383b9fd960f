/** How a server of a protocol says that it takes no more connections. */
export interface Farewell {
  /** Bytes that the client says before it listens. */
  readonly opening: number
  say(message: string): Uint8Array
}

export const farewells = {
  /** Error 1040, SQLSTATE 08004, as the first packet of the server. */
  mysql: {
    opening: 0,
    say(message) {
      const payload = Buffer.concat([
        Buffer.from([0xff, 0x10, 0x04]),
        Buffer.from(`#08004${message}`),
      ])
      const head = Buffer.alloc(4)
      head.writeUIntLE(payload.length, 0, 3)
      return Buffer.concat([head, payload])
    },
  },
  /** An ErrorResponse with SQLSTATE 53300. It answers a request for TLS as well as a startup message. */
  postgres: {
    opening: 8,
    say(message) {
      const fields = `SFATAL\0VFATAL\0C53300\0M${message}\0\0`
      const head = Buffer.alloc(5, 'E')
      head.writeUInt32BE(Buffer.byteLength(fields) + 4, 1)
      return Buffer.concat([head, Buffer.from(fields)])
    },
  },
  /** RFC 5321 section 3.8: 421 instead of the greeting. */
  smtp: { opening: 0, say: (message) => Buffer.from(`421 4.3.2 ${oneLine(message)}\r\n`) },
  /** A simple error, in answer to the first command. */
  redis: { opening: 1, say: (message) => Buffer.from(`-ERR ${oneLine(message)}\r\n`) },
} as const satisfies Readonly<Record<string, Farewell>>

function oneLine(message: string): string {
  return message.replaceAll(/[\r\n]+/g, ' ')
}
