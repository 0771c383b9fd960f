import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@kong-ts/pdk'
import { afterAll, expect, test } from 'vitest'
import { CrlFiles } from './crl-files.ts'
import type { Crl } from './crl.ts'
import { burnBooks, createAuthority } from './pki.fixture.ts'

const authority = createAuthority('root')
const first = authority.crl()
authority.revoke(authority.issue({ commonName: 'gone' }))
const second = authority.crl()
const folder = mkdtempSync(join(tmpdir(), 'kong-ts-crl-'))
afterAll(() => {
  burnBooks()
  rmSync(folder, { recursive: true })
})

let count = 0
async function open(text: string | Buffer, check: (lists: readonly Crl[]) => void = () => {}) {
  const path = join(folder, `${++count}.crl`)
  writeFileSync(path, text)
  let time = 0
  const clock = { now: () => time, advance: (milliseconds: number) => void (time += milliseconds) }
  const warnings: unknown[] = []
  const note = () => {}
  const warn: Log['warn'] = ({ error }) => void warnings.push(error)
  const log = { debug: note, info: note, warn, error: note }
  const files = await CrlFiles.open({ paths: [path], interval: 1000, clock, log, check })
  return { path, clock, warnings, files, size: () => files.lists[0]?.revoked.size }
}

test('a file is looked at again when its time has come and somebody asks', async () => {
  const { path, clock, files, size } = await open(first)
  writeFileSync(path, second)
  clock.advance(999)
  expect(files.refresh()).toBeUndefined()
  expect(size()).toBe(0)
  clock.advance(1)
  const looking = files.refresh()
  expect(files.refresh()).toBe(looking)
  expect(await looking).toBe(true)
  expect(size()).toBe(1)
  expect(files.refresh()).toBeUndefined()
  clock.advance(1000)
  expect(await files.refresh()).toBe(false)
})

test('DER is as good as PEM', async () => {
  const der = Buffer.from(second.replaceAll(/-----.+?-----|\s/g, ''), 'base64')
  expect((await open(der)).size()).toBe(1)
})

test.each(['nonsense', ''])(
  'what cannot be read leaves what was read before (%j)',
  async (broken) => {
    const { path, clock, files, size, warnings } = await open(second)
    writeFileSync(path, broken)
    clock.advance(1000)
    expect(await files.refresh()).toBe(false)
    rmSync(path)
    clock.advance(1000)
    expect(await files.refresh()).toBe(false)
    expect(size()).toBe(1)
    expect(warnings).toEqual([
      'there is no revocation list in it',
      expect.stringContaining('ENOENT'),
    ])
    writeFileSync(path, first)
    clock.advance(1000)
    expect(await files.refresh()).toBe(true)
    expect(size()).toBe(0)
  },
)

test('so does what must not be used', async () => {
  const { path, clock, files, size, warnings } = await open(second, ([list]) => {
    if (list?.revoked.size === 0) throw new Error('an empty one')
  })
  writeFileSync(path, first)
  clock.advance(1000)
  expect(await files.refresh()).toBe(false)
  expect([size(), warnings]).toEqual([1, ['an empty one']])
})

test('a clock that was set back does not stop it', async () => {
  const { path, clock, files } = await open(first)
  writeFileSync(path, second)
  clock.advance(-5000)
  expect(await files.refresh()).toBe(true)
})

test('at first it has to be there', async () => {
  await expect(open('nonsense')).rejects.toThrow(
    `config.crl_files.1: ${join(folder, `${count}.crl`)}: there is no revocation list in it`,
  )
})
