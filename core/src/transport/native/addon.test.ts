import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadAddon } from './addon.ts'
import { addonPath, sourcesDigest } from './sources.mjs'

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-addon-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'x.node')
}

test('an addon that is not there, or is none, is missing for a reason', () => {
  const path = scratch()
  expect(loadAddon(path)).toEqual({ missing: expect.stringContaining('not built') })
  writeFileSync(path, 'not a library')
  expect(loadAddon(path)).toEqual({ missing: expect.stringMatching(/invalid|too short/) })
})

test.skipIf('missing' in loadAddon())('one that was built from these sources is used', () => {
  const path = scratch()
  copyFileSync(addonPath(), path)
  expect(loadAddon(path)).toMatchObject({ sources: sourcesDigest() })
})
