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

/** What may come in place of the startup message: nobody listens after a request to cancel. */
const requests = new Map<number, 'encryption' | 'cancel'>([
  [80_877_102, 'cancel'],
  [80_877_103, 'encryption'],
  [80_877_104, 'encryption'],
])

/**
 * How a client of PostgreSQL begins. One that asks for TLS, or GSSAPI, wants to hear no before it says anything else:
 * an error in place of that is shown to nobody, for it could be a stranger's.
 */
export function openingOfPostgres(opening: Uint8Array): 'startup' | 'encryption' | 'cancel' {
  const code = opening.length < 8 ? 0 : Buffer.from(opening).readUInt32BE(4)
  return requests.get(code) ?? 'startup'
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
