import helmet from '@fastify/helmet';
import fastify from 'fastify';

/**
 * What every answer says to browsers, unless a page says otherwise of itself. They are the same each time, and helmet composes
 * them anew for each answer: it is asked once, by a request of our own.
 * @param publicUrl decides whether browsers are told to come by HTTPS only.
 */
export async function securityHeaders(publicUrl: string): Promise<Record<string, string>> {
  const sample = fastify();
  await sample.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    hsts: publicUrl.startsWith('https:'),
  });
  sample.get('/', (_request, reply) => reply.raw.getHeaders());
  return (await sample.inject('/')).json<Record<string, string>>();
}
