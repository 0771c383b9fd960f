/** For hosts of plugins (the gateway, the test kit), not for their authors. */
export { isRejection, isTerminate, isTlsDecision } from './verdicts.ts'
