import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPair, setAside, writePair } from './pair-files.ts'
import { ec, other } from './tls.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'kong-ts-pair-'))
afterAll(() => rmSync(root, { recursive: true }))
const fresh = () => join(mkdtempSync(join(root, 'folder-')), 'pair')

test('a pair is written whole, leaves no draft behind and is read again', async () => {
  const path = fresh()
  expect(await readPair(path)).toEqual({ state: 'absent' })
  await writePair(path, ec)
  await writePair(path, other)
  expect(await readPair(path)).toEqual({ state: 'whole', pair: other })
  expect(readdirSync(join(path, '..')).toSorted()).toEqual(['pair.crt', 'pair.key'])
  expect(statSync(`${path}.key`).mode & 0o777).toBe(0o600)
})

test('a draft that anybody may read does not make a key that anybody may read', async () => {
  const path = fresh()
  const draft = `${path}.key.${process.pid}.new`
  writeFileSync(draft, 'old')
  chmodSync(draft, 0o666)
  await writePair(path, ec)
  expect(statSync(`${path}.key`).mode & 0o777).toBe(0o600)
})

test('what is not a pair says why, and can be set aside', async () => {
  const path = fresh()
  await writePair(path, ec)
  writeFileSync(`${path}.key`, other.key)
  expect(await readPair(path)).toEqual({ state: 'broken', why: 'certificate does not match key' })
  rmSync(`${path}.crt`)
  expect(await readPair(path)).toEqual({ state: 'broken', why: `${path}.crt is missing` })
  await setAside(path)
  expect(await readPair(path)).toEqual({ state: 'absent' })
  expect(readdirSync(join(path, '..'))).toEqual(['pair.key.unusable'])
})

test('a file that cannot be read is an error, not a missing file', async () => {
  const path = fresh()
  mkdirSync(`${path}.key`)
  await expect(readPair(path)).rejects.toThrow('EISDIR')
})
