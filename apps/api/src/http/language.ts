import type { FastifyRequest } from 'fastify';
import { isLanguage, type Language } from '@app/mail';

/** The language that the browser asks for (Accept-Language, RFC 9110, 12.5.4) and Plenary speaks, else English. */
export function requestLanguage(request: FastifyRequest): Language {
  const wishes = (request.headers['accept-language'] ?? '')
    .split(',')
    .slice(0, 20)
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = /^q=([\d.]+)$/.exec(parameters.map((parameter) => parameter.trim())[0] ?? '')?.[1];
      return { language: tag.split('-')[0]!, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality);
  return wishes.map(({ language }) => language).find(isLanguage) ?? 'en';
}
