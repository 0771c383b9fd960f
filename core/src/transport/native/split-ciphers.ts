/** OpenSSL keeps the suites of TLS 1.3 apart from the other ciphers; Node's lists have both. */
export function splitCiphers(list: string): { readonly suites: string; readonly ciphers: string } {
  const names = list.split(':').filter((name) => name !== '')
  return {
    suites: names.filter(isSuite).join(':'),
    ciphers: names.filter((name) => !isSuite(name)).join(':'),
  }
}

function isSuite(name: string): boolean {
  return name.startsWith('TLS_')
}
