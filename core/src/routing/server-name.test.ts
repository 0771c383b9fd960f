import { expect, test } from 'vitest'
import { ByteReader, MalformedBytes } from './byte-reader.ts'
import { serverName } from './hello.fixture.ts'
import { readServerName } from './server-name.ts'

const read = (...names: string[]) =>
  readServerName(new ByteReader(Uint8Array.from(serverName(...names)[1])))

// What a name may not be stands with the cases of a whole hello, in client-hello.test.ts.
test('reads one host name, folded', () => {
  expect(read('A.Example.')).toBe('a.example')
  expect(() => read('a', 'b')).toThrow(MalformedBytes)
  expect(() => read('1.2.3.4')).toThrow('the server name is an address')
})
