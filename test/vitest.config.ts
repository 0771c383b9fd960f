import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname
const globalSetup = [new URL('postgres-server.ts', import.meta.url).pathname]

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
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
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
