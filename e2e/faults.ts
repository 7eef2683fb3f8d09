/** Ways to break things, each as it happens in the world and none through the studio's own code. */
import type { Browser, BrowserContext, CDPSession, Page, Route } from '@playwright/test';

const ENGINE_WORKER = /\/assets\/diffusion\.worker-[\w-]+\.js$/;
const CHANNEL = 'kiln-fault';

/** Runs code in the engine's worker before anything is asked of it: what the page's init scripts cannot reach. */
export async function patchEngineWorker(context: BrowserContext, code: string): Promise<void> {
  await context.route(ENGINE_WORKER, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code}\n${await response.text()}` });
  });
}

/** The worker's script cannot be had. */
export async function breakEngineWorker(context: BrowserContext, how: 'missing' | 'garbage'): Promise<void> {
  await context.route(ENGINE_WORKER, async (route) => {
    if (how === 'missing') await route.fulfill({ status: 404, headers: ISOLATED, body: 'Not found' });
    else await route.fulfill({ status: 200, headers: ISOLATED, contentType: 'text/javascript', body: '}{' });
  });
}

export async function mendEngineWorker(context: BrowserContext): Promise<void> {
  await context.unroute(ENGINE_WORKER);
}

const ISOLATED = {
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Lets `loseDevice` take the GPU device away from the worker. Call before the studio opens. */
export async function holdDevice(context: BrowserContext): Promise<void> {
  await patchEngineWorker(
    context,
    `{
      const request = GPUAdapter.prototype.requestDevice;
      const channel = new BroadcastChannel('${CHANNEL}');
      GPUAdapter.prototype.requestDevice = async function (...args) {
        const device = await request.apply(this, args);
        channel.addEventListener('message', () => device.destroy(), { once: true });
        return device;
      };
    }`,
  );
}

export function loseDevice(page: Page): Promise<void> {
  return signalFault(page);
}

async function signalFault(page: Page): Promise<void> {
  await page.evaluate((name) => {
    const channel = new BroadcastChannel(name);
    channel.postMessage('now');
    channel.close();
  }, CHANNEL);
}

/** The browser's GPU process dies. A second time within minutes the browser gives out no more adapters. */
export async function crashGpu(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess');
  await session.detach();
}

/** Once this many bytes are held, every further buffer asks for more than any adapter gives. */
export async function limitGpuMemory(context: BrowserContext, bytes: number, also = ''): Promise<void> {
  await patchEngineWorker(
    context,
    `${also}
    {
      const create = GPUDevice.prototype.createBuffer;
      let held = 0;
      GPUDevice.prototype.createBuffer = function (descriptor) {
        held += descriptor.size;
        if (held <= ${bytes}) return create.call(this, descriptor);
        if (descriptor.mappedAtCreation) throw new RangeError('createBuffer failed, size is too large');
        return create.call(this, { ...descriptor, size: this.limits.maxBufferSize });
      };
    }`,
  );
}

/** Code for the worker: the software adapter says it is a real one, so that Auto takes it. */
export const passForRealGpu = `
  for (const [name, value] of Object.entries({ vendor: 'test', architecture: 'test', description: '', isFallbackAdapter: false })) {
    Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });
  }`;

/** The browser knows no WebGPU, or knows it and has no adapter to give. */
export async function hideGpu(context: BrowserContext, what: 'api' | 'adapter'): Promise<void> {
  await patchEngineWorker(
    context,
    what === 'api'
      ? 'delete WorkerNavigator.prototype.gpu;'
      : 'GPU.prototype.requestAdapter = async () => null;',
  );
}

/** Lets `throwInWorker` break whatever the worker is in the middle of. Call before the studio opens. */
export async function armWorker(context: BrowserContext): Promise<void> {
  await patchEngineWorker(
    context,
    `new BroadcastChannel('${CHANNEL}').addEventListener('message', () => {
      throw new Error('broken on purpose');
    });`,
  );
}

export function throwInWorker(page: Page): Promise<void> {
  return signalFault(page);
}

type FileFault = 'missing' | 'short' | 'altered' | 'login-page' | 'cut';

/** A file of a model does not arrive as it should. Answers how to mend it. */
export async function breakFile(
  context: BrowserContext,
  path: string,
  how: FileFault,
): Promise<() => Promise<void>> {
  const pattern = `**/models/*/${path}`;
  const handler = (route: Route) => answerBroken(route, how);
  await context.route(pattern, handler);
  return () => context.unroute(pattern, handler);
}

async function answerBroken(route: Route, how: FileFault): Promise<void> {
  if (how === 'cut') return route.abort('connectionreset');
  if (how === 'missing') return route.fulfill({ status: 404, body: 'Not found' });
  if (how === 'login-page') {
    return route.fulfill({ status: 200, contentType: 'text/html', body: '<html>Please log in</html>' });
  }
  const response = await route.fetch();
  const body = await response.body();
  if (how === 'short') return route.fulfill({ response, body: body.subarray(0, body.length >> 1) });
  const altered = Buffer.from(body);
  altered[altered.length >> 1] = (altered[altered.length >> 1] ?? 0) ^ 1;
  return route.fulfill({ response, body: altered });
}

/** The disk has no room: IndexedDB refuses to write. Lasts until the session is detached. */
export async function fillDisk(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', {
    origin: new URL(page.url()).origin,
    quotaSize: 1024,
  });
  return session;
}

/** The browser denies storage, as in some private windows. Call before the studio opens. */
export async function denyStorage(page: Page): Promise<void> {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
  });
}

/** The browser evicts the origin's databases. */
export async function evictDatabases(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', {
    origin: new URL(page.url()).origin,
    storageTypes: 'indexeddb',
  });
  await session.detach();
}

/** The tab's process dies, as when memory runs out. */
export async function crashTab(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
}
