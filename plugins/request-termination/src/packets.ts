/** What a server of MySQL says in place of its handshake: error 1053, SQLSTATE 08S01, as packet number 0. */
export function mysqlError(message: string): Uint8Array {
  const payload = Buffer.concat([Buffer.of(0xff, 0x1d, 0x04), Buffer.from(`#08S01${message}`)])
  const head = Buffer.alloc(4)
  head.writeUIntLE(payload.length, 0, 3)
  return Buffer.concat([head, payload])
}

/** An ErrorResponse of PostgreSQL: FATAL, SQLSTATE 57P03, cannot_connect_now. */
export function postgresError(message: string): Uint8Array {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C57P03\0M${message}\0\0`)
  const head = Buffer.alloc(5, 'E')
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

/** The code of a request that comes in place of the startup message, on a connection of its own. */
const cancelRequest = 80_877_102

/**
 * Whether a client of PostgreSQL that has begun like this hears an error: nobody listens after a request to cancel. One
 * that asks for encryption hears it in place of yes or no, and tries without encryption where it may.
 */
export function isPostgresListening(opening: Uint8Array): boolean {
  return opening.length < 8 || Buffer.from(opening).readUInt32BE(4) !== cancelRequest
}

/** The identification of a server of SSH and SSH_MSG_DISCONNECT, SERVICE_NOT_AVAILABLE (RFC 4253 sections 4.2, 6, 11.1). */
export function sshDisconnect(message: string): Uint8Array {
  const text = Buffer.from(message)
  const payload = Buffer.concat([Buffer.of(1), wordOf(7), wordOf(text.length), text, wordOf(0)])
  const padding = 4 + ((8 - ((5 + payload.length + 4) % 8)) % 8)
  const head = [wordOf(1 + payload.length + padding), Buffer.of(padding)]
  const packet = Buffer.concat([...head, payload, Buffer.alloc(padding)])
  return Buffer.concat([Buffer.from('SSH-2.0-kong-ts\r\n'), packet])
}

function wordOf(value: number): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt32BE(value)
  return word
}
