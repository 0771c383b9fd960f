import { pdk, toolFolder } from './checkout.ts'

/** What the tests of a plugin are run with, wherever it lies: the gateway's own PDK and test runner. */
export default {
  resolve: {
    alias: [
      { find: /^@kong-ts\/pdk$/, replacement: `${pdk}/src/index.ts` },
      { find: /^@kong-ts\/pdk\/testing$/, replacement: `${pdk}/src/testing/index.ts` },
      { find: /^vitest$/, replacement: `${toolFolder('vitest')}/dist/index.js` },
    ],
  },
}
