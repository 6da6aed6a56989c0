/**
 * Loaded before the API (`node --require`) in the control run: places are read without their lock, so that two requests
 * can both see the last one. It shows that the race is there, and that the scenarios would notice it.
 */
import type { EntityManager } from 'typeorm';
import { PlacesService } from '../../libs/participants/src/places/places.service';

// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on its own object below
const withLock = PlacesService.prototype.lock;

PlacesService.prototype.lock = function (this: PlacesService, manager: EntityManager, ...rest) {
  const careless = new Proxy(manager, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property === 'query') {
        return (statement: string, parameters?: unknown[]) =>
          target.query(statement.replace(/\bFOR (NO KEY )?UPDATE\b/, ''), parameters);
      }
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return withLock.call(this, careless, ...rest);
} as typeof withLock;
