import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeClock } from './clock.fixture.ts'
import { freshFile } from './fresh-file.ts'

function fileIn(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'file')
}

test('a file is looked at once a second, and parsed when it has changed', () => {
  const path = fileIn()
  const clock = fakeClock()
  const parse = vi.fn((text: string) => text)
  const read = freshFile(path, parse, clock)
  expect(read()).toBe('')
  writeFileSync(path, 'one')
  expect(read()).toBe('')
  clock.pass(1000)
  expect([read(), read()]).toEqual(['one', 'one'])
  clock.pass(1000)
  expect(read()).toBe('one')
  expect(parse).toHaveBeenCalledTimes(2)
  writeFileSync(path, 'three')
  clock.pass(1000)
  expect(read()).toBe('three')
})

test('a file that is gone says what it said', () => {
  const path = fileIn()
  const clock = fakeClock()
  writeFileSync(path, 'one')
  const read = freshFile(path, (text) => text, clock)
  expect(read()).toBe('one')
  rmSync(path)
  clock.pass(1000)
  expect(read()).toBe('one')
  expect(freshFile(tmpdir(), (text) => text, clock)()).toBe('')
})
