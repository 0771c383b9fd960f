import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadAddon, loadAddonFrom, whyNoTls } from './addon.ts'
import { addonPath, sourcesDigest } from './sources.mjs'

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-addon-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'x.node')
}

test('an addon that is not there, or is none, is missing for a reason', () => {
  const path = scratch()
  expect(loadAddonFrom(path)).toEqual({ missing: expect.stringContaining('not built') })
  writeFileSync(path, 'not a library')
  expect(loadAddonFrom(path)).toEqual({ missing: expect.stringMatching(/invalid|too short/) })
})

test.skipIf('missing' in loadAddon())('one that was built from these sources is used', () => {
  const path = scratch()
  copyFileSync(addonPath(), path)
  expect(loadAddonFrom(path)).toMatchObject({ sources: sourcesDigest() })
})

const best = loadAddon()

test.runIf('tls' in best)('the addon with TLS comes first, and says so', () => {
  if ('missing' in best) throw new Error(best.missing)
  expect(whyNoTls(best)).toBeUndefined()
  const plain = loadAddonFrom(addonPath('plain'))
  expect(plain).not.toHaveProperty('tls')
  expect(plain).toHaveProperty('relay')
})

test.runIf('tls' in best)('every symbol that an addon needs is bound when it is loaded', () => {
  const { stdout } = spawnSync('readelf', ['--dynamic', addonPath('tls')], { encoding: 'utf8' })
  expect(stdout).toMatch(/BIND_NOW|NOW/)
})
