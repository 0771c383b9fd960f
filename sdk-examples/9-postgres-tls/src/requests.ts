/** What a client may send before its startup message (PostgreSQL's manual, "Message Formats"): a length and a code. */
export const requests = {
  tls: request(80_877_103),
  gss: request(80_877_104),
} as const

function request(code: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(bytes.length)
  bytes.writeUInt32BE(code, 4)
  return bytes
}

/** An ErrorResponse with SQLSTATE 28000, in the words of a server whose pg_hba.conf has hostssl alone. */
export const refusal = errorResponse('28000', 'this server takes connections with TLS only')

function errorResponse(code: string, message: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`
  const head = Buffer.alloc(5, 'E')
  head.writeUInt32BE(Buffer.byteLength(fields) + 4, 1)
  return Buffer.concat([head, Buffer.from(fields)])
}
