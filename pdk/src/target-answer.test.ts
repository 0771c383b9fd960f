import { expect, test } from 'vitest'
import { faultOfTarget } from './target-answer.ts'

const pem = '-----BEGIN CERTIFICATE-----'
const answer = (more: object): object => ({ host: 'a', port: 1, ...more })

test.each([
  {},
  { weight: 100 },
  { tls: false },
  { tls: undefined, timeouts: undefined },
  { tls: {} },
  { tls: { serverName: 'db.example', verify: true, ca: [pem] } },
  { tls: { serverName: '10.0.0.1' } },
  { tls: { serverName: undefined } },
  { timeouts: {} },
  { timeouts: { connect: 1, read: 2_147_483_646, write: 500 } },
])('%j are terms of a target', (more) => {
  expect(faultOfTarget(answer(more))).toBeUndefined()
})

test.each<[object, string]>([
  [{ tls: true }, "the target's tls is no object"],
  [{ tls: null }, "the target's tls is no object"],
  [{ tls: { serverName: '' } }, "the target's tls.serverName is no host name"],
  [{ tls: { serverName: 'a:1' } }, "the target's tls.serverName is no host name"],
  [{ tls: { verify: 'yes' } }, "the target's tls.verify is neither true nor false"],
  [{ tls: { ca: pem } }, "the target's tls.ca is no list of certificates in PEM"],
  [{ tls: { ca: [] } }, "the target's tls.ca is no list of certificates in PEM"],
  [
    { tls: { servername: 'a' } },
    "the target's tls.servername is unknown; there are serverName, verify, ca",
  ],
  [{ timeouts: 5 }, "the target's timeouts is no object"],
  [{ timeouts: { connect: 0 } }, "the target's timeouts.connect is not between 1 and 2147483646"],
  [{ timeouts: { read: Infinity } }, "the target's timeouts.read is not between"],
  [{ timeouts: { constructor: 1 } }, "the target's timeouts.constructor is unknown"],
])('%j are none', (more, fault) => {
  expect(faultOfTarget(answer(more))).toContain(fault)
})
