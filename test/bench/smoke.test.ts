import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

import { prepareHaproxy } from './haproxy.ts'
import { makeIdentity } from './identity.ts'
import { prepareNginx } from './nginx.ts'
import { capture, isInstalled } from './processes.ts'
import type { Carried, Route, ServiceName, Site } from './site.ts'

const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-smoke-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bench = new URL('bench.ts', import.meta.url).pathname

/** Every kind of route that there is; nobody listens on these ports in these tests. */
function siteOf(name: string): Site {
  mkdirSync(join(folder, name), { recursive: true })
  const kinds: readonly (readonly [ServiceName, Carried])[] = [
    ['http', 'plain'],
    ['bulk', 'plain'],
    ['tls', 'tls'],
    ['sni', 'sni'],
  ]
  const routes = kinds.flatMap(([service, carries], index): Route[] =>
    [false, true].map((guarded) => ({
      name: `${service}${guarded ? '-guarded' : ''}`,
      service,
      carries,
      guarded,
      listen: 20_000 + index * 2 + Number(guarded),
      upstream: 20_100 + index,
    })),
  )
  const identity = makeIdentity(folder)
  return {
    folder: join(folder, name),
    routes,
    adminPort: 0,
    identity,
    connections: 100,
    isProfiled: false,
  }
}

test.skipIf(!isInstalled('nginx') || !isInstalled('openssl'))(
  'nginx understands what it is configured with',
  async () => {
    const site = siteOf('nginx')
    prepareNginx(site)
    const config = ['-t', '-q', '-p', site.folder, '-c', `${site.folder}/nginx.conf`]
    const args = [...config, '-e', `${site.folder}/error.log`]
    await expect(capture('nginx', args, 60)).resolves.toBe('')
  },
  60_000,
)

test.skipIf(!isInstalled('haproxy') || !isInstalled('openssl'))(
  'HAProxy understands what it is configured with, with splice and without',
  async () => {
    for (const splice of [false, true]) {
      const site = siteOf(`haproxy-${splice}`)
      prepareHaproxy(site, splice)
      const args = ['-c', '-q', '-f', `${site.folder}/haproxy.cfg`]
      await expect(capture('haproxy', args, 60)).resolves.toBe('')
    }
  },
  60_000,
)

test.skipIf(!isInstalled('nginx') || !isInstalled('wrk'))(
  'a short run tells what a connection costs the gateway, and how many go through',
  () => {
    const args = ['--rounds', '1', '--seconds', '1', '--only', 'portable,direct,connections,bare']
    const { status, stdout, stderr } = spawnSync(process.execPath, [bench, ...args], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/\| CPU per new connection, µs +\| \d+\.\d +\|/)
    expect(stdout).toMatch(/\| new connections, 1\/s +\| \d+ +\| \d+ +\|/)
  },
  120_000,
)

test('a short run tells what a phase costs for each number of plugins', () => {
  const phases = new URL('phases.ts', import.meta.url).pathname
  const { status, stdout } = spawnSync(process.execPath, [phases, '--seconds', '0.01', '--dry'], {
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout).toMatch(/\| ns +\| 0 plugins \| 1 plugins \| 3 plugins \| 10 plugins \|/)
  expect(stdout.match(/^\| `\w+`, answers .*?(\| \d+ +){4}\|$/gm)).toHaveLength(3)
}, 60_000)

test('a short run tells what looking an address up costs', () => {
  const ip = new URL('ip.ts', import.meta.url).pathname
  const args = [ip, '--entries', '10,200', '--lookups', '2000']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/\| IPv4 +\| 10 +\| \d+ +\| \d+ +\| \d+\.\d +\|/)
  expect(stdout).toMatch(/\| IPv6 +\| 200 +\|/)
}, 60_000)
