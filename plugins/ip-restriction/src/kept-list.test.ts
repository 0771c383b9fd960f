import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AddressList } from './address-list.ts'
import { assertKeeps, KeptList } from './kept-list.ts'

const { signal } = new AbortController()
const limit = 1000

test('each URL has a file of its own, which holds what was written last', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await assertKeeps(folder)
  const kept = new KeptList(folder, 'https://a.example/list?token=secret')
  await expect(kept.read({ limit }, signal)).rejects.toThrow('ENOENT')
  await kept.write('10.0.0.1\n')
  await kept.write('10.0.0.2\n')
  const list = new AddressList((await kept.read({ limit }, signal)).ranges)
  expect([list.has('10.0.0.1'), list.has('10.0.0.2')]).toEqual([false, true])
  await expect(new KeptList(folder, 'https://b.example/').read({ limit }, signal)).rejects.toThrow(
    'ENOENT',
  )
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.list$/)])
})

test('a folder that is not there keeps nothing', async () => {
  await expect(assertKeeps('/nowhere')).rejects.toThrow('ENOENT')
  await expect(new KeptList('/nowhere', 'https://a.example/').write('x')).rejects.toThrow('ENOENT')
})
