import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SettingsError } from '../errors/settings-error.ts'
import { maskSettings } from './mask-settings.ts'
import { resolveSettings } from './resolve-settings.ts'

const token = 'aB3$+/=_-.~!0123'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'settings-token-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

function resolve(text: string, cwd = '/tmp') {
  return resolveSettings({ env: { KONG_ADMIN_TOKEN: text }, cwd }).settings
}

function problem(text: string, cwd?: string): string {
  try {
    resolve(text, cwd)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.join('\n')
    throw error
  }
  return 'none'
}

test('a token is taken as it is written, or from a file', () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'token'), `${token}\n`)
  expect(resolve(token).admin_token).toBe(token)
  expect(resolve('file:token', cwd).admin_token).toBe(token)
  expect(resolve(`file:${join(cwd, 'token')}`).admin_token).toBe(token)
  expect(resolve('').admin_token).toBeUndefined()
})

test('it is never shown', () => {
  expect(maskSettings(resolve(token))['admin_token']).toBe('******')
  expect(maskSettings(resolve(''))['admin_token']).toBeUndefined()
})

test.each([
  ['fifteen-letters', 'admin_token is too short (at least 16 letters, better random)'],
  ['sixteen letters in words', 'has letters that no header can carry (ASCII without spaces)'],
  ['sixteen-letters-é', 'has letters that no header can carry (ASCII without spaces)'],
  ['x'.repeat(4097), 'admin_token is too long (at most 4096 letters)'],
  ['file:/nowhere/token', 'admin_token: no such file at /nowhere/token'],
  ['file:/', 'admin_token: cannot read /: EISDIR'],
])('%j is refused, and not shown', (text, message) => {
  expect(problem(text)).toContain(message)
  if (!text.startsWith('file:')) expect(problem(text)).not.toContain(text)
})

test('what a file holds is checked too, and not shown', () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'token'), 'short\n')
  expect(problem('file:token', cwd)).toContain('admin_token is too short')
  expect(problem('file:token', cwd)).not.toContain('short\n')
})

test('a line of kong.conf that went wrong does not show it either', () => {
  const file = join(folder(), 'kong.conf')
  writeFileSync(file, `admin_token: ${token}\nadmin_token ${token}\n${'Q'.repeat(64)}\n`)
  const read = () => resolveSettings({ env: {}, cwd: '/tmp', file })
  expect(read).toThrow(`${file}:1: 'admin_token …' is not of form: key = value`)
  expect(read).toThrow(`${file}:2: 'admin_token …' is not of form: key = value`)
  expect(read).toThrow(`${file}:3: the line is not of form: key = value`)
  expect(read).not.toThrow(token)
})
