import type { FastifyRequest } from 'fastify';
import { isLanguage, readerLanguage, type Language } from '@app/mail';
import { requestLanguage } from '../http/language';

/** The language of a note's page: the one chosen with `?lang=`, else the browser's, else the dialogue's first. */
export function noteLanguage(request: FastifyRequest, workingLanguages: string[]): Language {
  const chosen = (request.query as { lang?: unknown }).lang;
  if (typeof chosen === 'string' && isLanguage(chosen)) return chosen;
  if (request.headers['accept-language']) return requestLanguage(request);
  return readerLanguage('', workingLanguages);
}
