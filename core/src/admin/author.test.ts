import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { authorOf } from './author.ts'
import { defaultAdminOptions } from './deps.ts'

const secret = 'sixteen-letters!'

function author(address: string, headers: readonly string[], token?: string, unix = false) {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  const raw = new IncomingMessage(socket)
  raw.rawHeaders = [...headers]
  return authorOf({ raw }, { ...defaultAdminOptions, token: () => token }, { unix })
}

test.each([
  ['10.0.0.1', [], undefined, '10.0.0.1'],
  ['::ffff:10.0.0.1', [], undefined, '10.0.0.1'],
  ['::1', [], undefined, '::1'],
  ['10.0.0.1', ['Kong-Admin-Token', secret], secret, 'token@10.0.0.1'],
  ['10.0.0.1', ['Kong-Admin-Token', secret], undefined, '10.0.0.1'],
  ['10.0.0.1', ['Kong-Admin-Token', 'another'], secret, '10.0.0.1'],
])(
  'whoever comes from %s with %j, where the token is %s, is %s',
  (address, headers, token, who) => {
    expect(author(address, headers, token)).toBe(who)
  },
)

test('whoever comes over a unix socket has no address', () => {
  expect(author('', [], undefined, true)).toBe('unix')
  expect(author('', ['Kong-Admin-Token', secret], secret, true)).toBe('token@unix')
})
