import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { assertKeeps, KeptCopy } from './kept-copy.ts'

const { signal } = new AbortController()
const terms = { limit: 1000, read: async (bytes: Buffer) => bytes.toString() }

test('each URL has a file of its own, which holds what was written last', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await assertKeeps(folder)
  const kept = new KeptCopy(folder, 'https://a.example/list?token=secret')
  await expect(kept.read(terms, signal)).rejects.toThrow('ENOENT')
  await kept.write(Buffer.from('first'))
  await kept.write(Buffer.from('second'))
  expect((await kept.read(terms, signal)).content).toBe('second')
  await expect(new KeptCopy(folder, 'https://b.example/').read(terms, signal)).rejects.toThrow(
    'ENOENT',
  )
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.list$/)])
})

test('a folder that is not there keeps nothing', async () => {
  await expect(assertKeeps('/nowhere')).rejects.toThrow('ENOENT')
  await expect(
    new KeptCopy('/nowhere', 'https://a.example/').write(Buffer.from('x')),
  ).rejects.toThrow('ENOENT')
})
