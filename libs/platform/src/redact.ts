/** Personal links, sign-in links and bearer tokens in a text, for what is logged: the secret part becomes `***`. */
export function redactSecrets(text: string): string {
  return text
    .replace(/(?<![\w-])[\w-]{65}(?![\w-])/g, '***')
    .replace(/(Bearer\s+|plenary_)[\w.-]+/g, '$1***');
}
