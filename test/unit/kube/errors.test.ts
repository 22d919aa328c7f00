import { errorFromStatus, isKubeError, KubeError } from '../../../src/kube/errors.ts';
import { retryOf } from '../../../src/runtime/retry.ts';

function status(code: number, reason: string, details: unknown = {}): unknown {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: `message of ${reason}`,
    details,
  };
}

describe('KubeError', () => {
  test.each([
    [400, 'BadRequest', 'BadRequest', 'terminal', 'terminal'],
    [401, 'Unauthorized', 'Unauthorized', 'permission', 'after'],
    [403, 'Forbidden', 'Forbidden', 'permission', 'after'],
    [404, 'NotFound', 'NotFound', 'wait', 'after'],
    [405, 'MethodNotAllowed', 'MethodNotAllowed', 'terminal', 'terminal'],
    [409, 'AlreadyExists', 'AlreadyExists', 'conflict', 'backoff'],
    [409, 'Conflict', 'Conflict', 'conflict', 'backoff'],
    [410, 'Gone', 'Gone', 'conflict', 'backoff'],
    [410, 'Expired', 'Gone', 'conflict', 'backoff'],
    [413, 'RequestEntityTooLarge', 'TooLarge', 'terminal', 'terminal'],
    [415, 'UnsupportedMediaType', 'UnsupportedMediaType', 'terminal', 'terminal'],
    [422, 'Invalid', 'Invalid', 'terminal', 'terminal'],
    [429, 'TooManyRequests', 'TooManyRequests', 'transient', 'backoff'],
    [500, 'InternalError', 'ServerError', 'transient', 'backoff'],
    [504, 'Timeout', 'ServerError', 'transient', 'backoff'],
    [418, 'Teapot', 'Unexpected', 'transient', 'backoff'],
  ])('%i %s is %s: %s, %s', (httpStatus, reason, code, errorClass, retry) => {
    const error = errorFromStatus(httpStatus, status(httpStatus, reason));
    expect(error).toMatchObject({
      status: httpStatus,
      reason,
      code,
      errorClass,
      message: `message of ${reason}`,
    });
    expect(retryOf(error).retry).toBe(retry);
    expect(isKubeError(error)).toBe(true);
    expect(isKubeError(error, error.code)).toBe(true);
    expect(isKubeError(error, 'Aborted')).toBe(false);
  });

  test.each([
    'etcdserver: request is too large',
    'rpc error: code = ResourceExhausted desc = trying to send message larger than max (2107344 vs. 2097152)',
  ])('A11: what etcd does not take is too large for ever: %s', (message) => {
    const error = errorFromStatus(500, { kind: 'Status', message });
    expect(error).toMatchObject({ code: 'TooLarge', retry: 'terminal', message });
    expect(errorFromStatus(500, { kind: 'Status', message: `x ${message}` }).code).toBe('ServerError');
    expect(errorFromStatus(503, { kind: 'Status', message }).code).toBe('ServerError');
  });

  test('a history that is gone is Gone by whatever status', () => {
    // An ERROR event need not carry a code.
    expect(errorFromStatus(500, status(500, 'Expired')).code).toBe('Gone');
  });

  test('tells why fields were refused', () => {
    const causes = [{ reason: 'FieldValueInvalid', field: 'spec.x', message: 'must not be 5' }];
    const error = errorFromStatus(422, status(422, 'Invalid', { causes }));
    expect([error.causes, error.conflicts]).toEqual([causes, []]);
  });

  test('tells who owns the fields that an apply may not take, and waits for them to be let go', () => {
    const error = errorFromStatus(
      409,
      status(409, 'Conflict', {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "helm" using v1',
            field: '.spec.values.a',
          },
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "odd \\" name" with subresource "status" using v1',
          },
          { reason: 'FieldManagerConflict', message: 'in other words' },
        ],
      }),
    );
    expect(error.conflicts).toEqual([
      { field: '.spec.values.a', manager: 'helm' },
      { field: '', manager: 'odd \\" name' },
      { field: '', manager: '' },
    ]);
    expect(retryOf(error)).toEqual({ retry: 'after', retryAfterMs: 300_000 });
  });

  test("knows the server's wish, from the header first", () => {
    const body = status(429, 'TooManyRequests', { retryAfterSeconds: 7 });
    expect(errorFromStatus(429, body).retryAfterMs).toBe(7000);
    expect(errorFromStatus(429, body, 2000).retryAfterMs).toBe(2000);
    expect(errorFromStatus(500, status(500, 'InternalError')).retryAfterMs).toBeUndefined();
  });

  test('makes do with an answer that is no Status, and shows nothing of it', () => {
    for (const body of [undefined, '<html>secret</html>', { message: 'secret' }, [], null]) {
      expect(errorFromStatus(502, body)).toMatchObject({
        code: 'ServerError',
        message: 'the server answered 502',
      });
    }
    const odd = errorFromStatus(403, {
      kind: 'Status',
      message: 5,
      reason: {},
      details: { causes: [null, 'x'] },
    });
    expect([odd.message, odd.reason, odd.causes.length]).toEqual(['the server answered 403', undefined, 2]);
  });

  test('bounds its message', () => {
    const error = new KubeError({ code: 'Invalid', message: 'x'.repeat(100_000) });
    expect(error.message.length).toBe(1024);
  });
});
