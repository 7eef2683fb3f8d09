/** What this device offers, which of its processors the engine takes, and the GPU device itself. */
import type { DeviceChoice, DeviceKind, DeviceReport } from '#engine/api.ts';
import { FailureError } from '#core/failure.ts';

/** Software adapters by the names they give themselves; Chromium marks its own as a fallback adapter. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i;
/** Beyond this the threads of small graphs wait for each other longer than they compute. */
const MAX_THREADS = 8;

/** A lost device is reported this much later than the run that fails by it, at the most. */
const SETTLE_MS = 2_000;

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;
const FEATURES = ['shader-f16', 'subgroups', 'subgroup-size-control'] as const;

/** A module of one function that puts a 128-bit vector on the stack: valid only where SIMD is. */
// biome-ignore format: the bytes of a module, not a list
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

export function usesJspi(): boolean {
  return 'Suspending' in WebAssembly;
}

export function threadCount(): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return Math.min(MAX_THREADS, Math.max(1, navigator.hardwareConcurrency ?? 1));
}

/** Asks for an adapter and says what the engine would run on. Makes no device. */
export async function probeDevice(choice: DeviceChoice): Promise<DeviceReport> {
  const { adapter, missing } = await requestAdapter();
  const gpu = adapter === null ? null : describe(adapter);
  const { chosen, reason } = choose(choice, gpu, missing);
  return {
    chosen,
    reason,
    choice,
    gpu,
    gpuMissing: missing,
    cpu: {
      cores: navigator.hardwareConcurrency ?? 1,
      threads: threadCount(),
      crossOriginIsolated: globalThis.crossOriginIsolated,
      simd: WebAssembly.validate(SIMD_MODULE),
    },
    memoryGiB: 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : null,
    runtime: usesJspi() ? 'jspi' : 'asyncify',
  };
}

function choose(
  choice: DeviceChoice,
  gpu: DeviceReport['gpu'],
  missing: string | null,
): { chosen: DeviceKind; reason: string } {
  if (choice === 'cpu') return { chosen: 'cpu', reason: 'You chose the CPU.' };
  if (choice === 'webgpu') {
    return gpu === null
      ? { chosen: 'webgpu', reason: `You chose the GPU, but none can be had: ${missing ?? 'no adapter'}` }
      : {
          chosen: 'webgpu',
          reason: gpu.software ? 'You chose the GPU; this one is software.' : 'You chose the GPU.',
        };
  }
  if (gpu === null) return { chosen: 'cpu', reason: missing ?? 'This browser offers no GPU adapter.' };
  if (gpu.software) {
    return {
      chosen: 'cpu',
      reason: 'This browser offers only a software GPU, which is slower than the CPU path.',
    };
  }
  return { chosen: 'webgpu', reason: 'This browser offers a GPU.' };
}

async function requestAdapter(): Promise<{ adapter: GPUAdapter | null; missing: string | null }> {
  if (!('gpu' in navigator)) {
    return {
      adapter: null,
      missing: 'This browser has no WebGPU. Chrome or Edge 113, Safari 26 and Firefox 141 have it.',
    };
  }
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter !== null) return { adapter, missing: null };
    return {
      adapter: null,
      missing:
        'This browser has WebGPU but offers no GPU adapter. Check that hardware acceleration is on in its settings.',
    };
  } catch (error) {
    return {
      adapter: null,
      missing: `Asking for a GPU failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function describe(adapter: GPUAdapter): NonNullable<DeviceReport['gpu']> {
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  return {
    vendor,
    architecture,
    description,
    software: isFallbackAdapter || SOFTWARE.test(`${vendor} ${architecture} ${description}`),
    shaderF16: adapter.features.has('shader-f16'),
    maxBufferSize: adapter.limits.maxBufferSize,
    maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
  };
}

/** An open GPU device that remembers whether it was lost or ran out of memory, and what it holds. */
export class Gpu {
  readonly device: GPUDevice;
  readonly shaderF16: boolean;
  /** Why the device was lost; null while it lives. */
  lost: string | null = null;
  /** Settles with the reason when the device is lost. */
  readonly whenLost: Promise<string>;
  /** Bytes of the buffers that live now, and of those that ever lived at once. */
  allocatedBytes = 0;
  peakBytes = 0;
  /** Set by the first allocation the GPU refused. */
  refused: { neededBytes: number; heldBytes: number } | null = null;
  #largestRecentBytes = 0;

  constructor(device: GPUDevice) {
    this.device = device;
    this.shaderF16 = device.features.has('shader-f16');
    this.whenLost = device.lost.then((info) => {
      this.lost = info.message || info.reason || 'unknown';
      return this.lost;
    });
    device.addEventListener('uncapturederror', (event) => {
      // Allocations on a lost device also report "out of memory": those are fallout, not the cause.
      if (event.error instanceof GPUOutOfMemoryError && this.lost === null) {
        this.refused ??= { neededBytes: this.#largestRecentBytes, heldBytes: this.allocatedBytes };
      }
    });
    this.#countBuffers();
  }

  /** Out-of-memory errors arrive later than the call that caused them and name no size, so sizes are kept here. */
  #countBuffers() {
    const create = this.device.createBuffer.bind(this.device);
    this.device.createBuffer = (descriptor) => {
      this.#largestRecentBytes = Math.max(this.#largestRecentBytes, descriptor.size);
      let buffer: GPUBuffer;
      try {
        buffer = create(descriptor);
      } catch (error) {
        // A buffer that is mapped from the start fails at once, with a RangeError.
        this.refused ??= { neededBytes: descriptor.size, heldBytes: this.allocatedBytes };
        throw error;
      }
      this.allocatedBytes += descriptor.size;
      this.peakBytes = Math.max(this.peakBytes, this.allocatedBytes);
      const destroy = buffer.destroy.bind(buffer);
      let live = true;
      buffer.destroy = () => {
        if (live) this.allocatedBytes -= descriptor.size;
        live = false;
        destroy();
      };
      return buffer;
    };
  }

  /** After an error on this device: waits a moment for its own account, which comes later than the error. */
  async settle(): Promise<void> {
    await Promise.race([this.whenLost, new Promise((resolve) => setTimeout(resolve, SETTLE_MS))]);
  }

  close() {
    this.device.destroy();
  }
}

/**
 * Opens a GPU device with the adapter's own limits: the runtime needs more than the defaults for large parts.
 * An adapter is used up by its device, so each call asks for a new one.
 * @throws FailureError `webgpu-unavailable`, or `gpu-paused` when the browser gave a GPU before and no longer does
 */
export async function openGpu(hadOneBefore: boolean): Promise<Gpu> {
  const { adapter, missing } = await requestAdapter();
  if (adapter === null) {
    throw new FailureError(
      hadOneBefore ? { code: 'gpu-paused' } : { code: 'webgpu-unavailable', reason: missing ?? 'no adapter' },
    );
  }
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = FEATURES.filter((name) => adapter.features.has(name)) as GPUFeatureName[];
  try {
    return new Gpu(await adapter.requestDevice({ requiredLimits, requiredFeatures }));
  } catch (error) {
    throw new FailureError({
      code: 'webgpu-unavailable',
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
