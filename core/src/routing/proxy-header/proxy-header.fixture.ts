import { crc32c } from './crc32c.ts'
import { readProxyHeader } from './read-header.ts'

/** For the tests: headers of version 2 byte by byte, right or wrong, made without the code under test. */
export function tlv(type: number, value: string | readonly number[] | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([type, bytes.length >> 8, bytes.length & 255]), bytes])
}

export const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** 10.1.2.3:4000 to 10.9.8.7:443. */
export const ipv4Block = Buffer.from([10, 1, 2, 3, 10, 9, 8, 7, 0x0f, 0xa0, 0x01, 0xbb])

export function v2(
  parts: readonly Uint8Array[] = [ipv4Block],
  more: { command?: number; family?: number; length?: number } = {},
): Buffer {
  const rest = Buffer.concat(parts)
  const { command = 0x21, family = 0x11, length = rest.length } = more
  return Buffer.concat([signature, Buffer.from([command, family, length >> 8, length & 255]), rest])
}

/** With a checksum before what follows it; `error` is added to it. */
export function checked(after: readonly Uint8Array[] = [], error = 0): Buffer {
  const header = v2([ipv4Block, tlv(3, [0, 0, 0, 0]), ...after])
  header.writeUInt32BE((crc32c(header) + error) % 2 ** 32, 31)
  return header
}

/** Two paths of unix sockets, which are of no interest. */
export const unixBlock = Buffer.alloc(216, 'x')

/** The answer, with copies where the reader answers with classes of its own. */
export function read(bytes: string | Uint8Array): ReturnType<typeof readProxyHeader> {
  return readProxyHeader(Buffer.from(bytes as string))
}
