import { defineConfig } from 'vitest/config'

import { loadAddon } from '../core/src/transport/native/addon.ts'

const root = new URL('..', import.meta.url).pathname
const globalSetup = [new URL('postgres-server.ts', import.meta.url).pathname]

/** What shows how bytes, faults and routes behave is tried with the other transport, too, where there are two. */
const central = [
  'routing',
  'upstream',
  'faults',
  'chaos',
  'one-port',
  'proxy-protocol',
  'proxy-protocol-out',
  'mtls-auth',
  'starttls',
  'chosen-target',
]
const addon = loadAddon()
const reason = 'missing' in addon ? addon.missing : undefined
if (reason !== undefined) process.stderr.write(`the native transport is not tried: ${reason}\n`)

/** What comes true on a machine with other work comes true late; the tests whose subject is time say it themselves. */
const expectations = { poll: { timeout: 10_000 } }

const portable = {
  root,
  test: {
    name: 'portable',
    include: [`test/e2e/{${central.join(',')}}.test.ts`],
    env: { TEST_TRANSPORT: 'portable' },
    expect: expectations,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
}

/** Each test file has a process of its own; two at a time, because the end-to-end tests start processes too. */
export default defineConfig({
  root,
  test: {
    root,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', new URL('gate/closing-line.ts', import.meta.url).pathname],
    projects: [
      {
        root,
        test: {
          name: 'unit',
          globalSetup,
          include: [
            '{pdk,core}/src/**/*.test.ts',
            '{plugins,sdk-examples}/*/src/**/*.test.ts',
            'test/{architecture,bench,gate}/**/*.test.ts',
          ],
          expect: expectations,
          testTimeout: 15_000,
          hookTimeout: 15_000,
        },
      },
      {
        root,
        test: {
          name: 'whole',
          globalSetup,
          include: ['test/**/*.test.ts'],
          exclude: ['test/{architecture,bench,gate}/**', '**/node_modules/**'],
          expect: expectations,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      ...(reason === undefined ? [portable] : []),
    ],
    coverage: {
      provider: 'v8',
      include: ['{pdk,core}/src/**/*.ts', '{plugins,sdk-examples}/*/src/**/*.ts'],
      exclude: ['**/*.{test,fixture}.ts'],
      reporter: ['text', 'json-summary'],
      reportsDirectory: `${root}coverage`,
      thresholds: { lines: 80 },
    },
  },
})
