import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServerTrust } from './server-trust.ts'

let cert: string
let other: string
const server = createServer((socket) => socket.on('error', () => {}).end())

function selfSigned(name: string): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'server-trust-'))
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2`
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  const paths = ['-keyout', keyPath, '-out', certPath]
  execFileSync('openssl', [...args.split(' '), ...subject, ...paths], { stdio: 'ignore' })
  const pair = { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}

beforeAll(async () => {
  const pair = selfSigned('logs.example')
  cert = pair.cert
  other = selfSigned('other.example').cert
  server.setSecureContext(pair)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(() => void server.close())

/** Undefined where the handshake succeeds. */
function shake(trust: ServerTrust, servername = 'logs.example'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { port } = server.address() as AddressInfo
    const socket = connect({ host: '127.0.0.1', port, servername, ...trust.options })
    socket.once('error', (error) => resolve(trust.word(error)))
    socket.once('secureConnect', () => resolve(undefined))
    socket.resume()
  })
}

const unknown = 'self-signed certificate: who has signed it is not in '

test('the list of the gateway counts, and where it has none that of the system', async () => {
  const verified = { tls_verify: true }
  expect(await shake(new ServerTrust(verified, [other, cert]))).toBeUndefined()
  const complaint = `${unknown}the setting trusted_certificate`
  expect(await shake(new ServerTrust(verified, [other]))).toBe(complaint)
  expect(await shake(new ServerTrust(verified, undefined))).toBe(complaint)
})

test('tls_ca takes its place', async () => {
  const named = (tls_ca: string) => new ServerTrust({ tls_verify: true, tls_ca }, [cert])
  expect(await shake(named(`${other}${cert}`))).toBeUndefined()
  expect(await shake(named(other))).toBe(`${unknown}tls_ca`)
})

test('another name is refused, and told', async () => {
  const trust = new ServerTrust({ tls_verify: true }, [cert])
  expect(await shake(trust, 'wrong.example')).toMatch(/Host: wrong\.example\. is not in the cert/)
})

test('nothing is verified where that is not wanted', async () => {
  expect(await shake(new ServerTrust({ tls_verify: false }, [other]), 'x.example')).toBeUndefined()
})

test('a list is read once', () => {
  const list = [cert]
  const [one, two] = [1, 2].map(() => new ServerTrust({ tls_verify: true }, list).options)
  expect(one?.secureContext).toBe(two?.secureContext)
})
