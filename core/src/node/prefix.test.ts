import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimPrefix, isClaimed } from './prefix.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prefix-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** A process that claims the prefix, starts a child of its own that outlives it, and says both are up. */
async function claimElsewhere(prefix: string): Promise<{ owner: ChildProcess; heir: number }> {
  const script = `
    import { spawn } from 'node:child_process'
    import { claimPrefix } from ${JSON.stringify(join(import.meta.dirname, 'prefix.ts'))}
    claimPrefix(${JSON.stringify(prefix)})
    const heir = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)'], { stdio: 'ignore' })
    heir.on('spawn', () => console.log(heir.pid))
    setTimeout(() => {}, 30000)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(owner)
  const [line] = await once(owner.stdout ?? owner, 'data')
  return { owner, heir: Number(String(line)) }
}

test('a claim makes a private folder and says who holds it', () => {
  const prefix = join(folder, 'a/b')
  const claim = claimPrefix(prefix)
  expect(statSync(prefix).mode & 0o777).toBe(0o700)
  expect(readFileSync(join(prefix, 'pid'), 'utf8')).toBe(`${process.pid}\n`)
  claim.release()
  claim.release()
  expect(existsSync(join(prefix, 'pid'))).toBe(false)
})

test('a prefix is claimed once at a time', () => {
  const claim = claimPrefix(folder)
  expect(isClaimed(folder)).toBe(true)
  expect(() => claimPrefix(folder)).toThrow(
    expect.objectContaining({
      code: 'PREFIX_TAKEN',
      message: `kong-ts is already running in ${folder}`,
    }),
  )
  claim.release()
  expect(isClaimed(folder)).toBe(false)
  claimPrefix(folder).release()
})

test('the claim of another process ends with kill -9, though its child lives on', async () => {
  const { owner, heir } = await claimElsewhere(folder)
  try {
    expect(() => claimPrefix(folder)).toThrow(expect.objectContaining({ code: 'PREFIX_TAKEN' }))
    const exited = once(owner, 'exit')
    owner.kill('SIGKILL')
    await exited
    expect(() => process.kill(heir, 0)).not.toThrow()
    expect(readFileSync(join(folder, 'pid'), 'utf8')).toBe(`${owner.pid}\n`)
    claimPrefix(folder).release()
  } finally {
    process.kill(heir, 'SIGKILL')
  }
})

test('a prefix that cannot be one is refused with its name', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => claimPrefix(join(file, 'x'))).toThrow(`cannot make the prefix ${join(file, 'x')}: `)
  mkdirSync(join(folder, 'p/lock'), { recursive: true })
  expect(() => claimPrefix(join(folder, 'p'))).toThrow(`cannot lock ${join(folder, 'p/lock')}: `)
})
