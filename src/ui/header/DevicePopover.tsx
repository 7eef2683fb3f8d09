import { Cpu, Gpu } from 'lucide-react';
import type { DeviceReport } from '#engine/api.ts';
import { chooseDevice } from '#state/actions/choose-device.ts';
import { useDevice } from '#state/device.ts';
import { usePreferences } from '#state/preferences.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { AtOnceControl } from './AtOnceControl.tsx';
import { HeaderPopover } from './HeaderPopover.tsx';

export function DevicePopover() {
  const choice = usePreferences((preferences) => preferences.device);
  const { report, problem } = useDevice();
  const Icon = report?.chosen === 'webgpu' ? Gpu : Cpu;
  return (
    <HeaderPopover
      title="Device"
      trigger={
        <Button look="quiet" className="max-sm:px-2" icon={<Icon size={15} aria-hidden="true" />}>
          <span className="sr-only">Device: </span>
          <span className="max-[24rem]:sr-only">
            {report === null ? (problem === null ? '…' : 'Unknown') : shortName(report)}
          </span>
        </Button>
      }
    >
      <Segmented
        label="Device"
        value={choice}
        options={[
          { id: 'auto', name: 'Auto' },
          { id: 'webgpu', name: 'GPU' },
          { id: 'cpu', name: 'CPU' },
        ]}
        onChange={(next) => void chooseDevice(next)}
      />
      <p className="mt-3 text-sm text-soft" aria-live="polite">
        {report?.reason ?? problem ?? 'Looking at this device.'}
      </p>
      <AtOnceControl />
      {report !== null && <Facts report={report} />}
    </HeaderPopover>
  );
}

function shortName(report: DeviceReport): string {
  return report.chosen === 'webgpu' ? 'GPU' : 'CPU';
}

function Facts({ report }: { report: DeviceReport }) {
  const { gpu, cpu } = report;
  const facts: [string, string][] = [
    ['GPU', gpu === null ? (report.gpuMissing ?? 'None') : gpuName(gpu)],
    ...(gpu === null
      ? []
      : ([
          ['Half precision', gpu.shaderF16 ? 'Yes' : 'No, so it computes in 32 bits, which is slower'],
          ['Largest buffer', formatBytes(gpu.maxBufferSize)],
        ] as [string, string][])),
    ['CPU', `${plural(cpu.threads, 'thread')} on ${plural(cpu.cores, 'core')}${cpu.simd ? ', SIMD' : ''}`],
    ...(report.memoryGiB === null
      ? []
      : ([['Memory', `about ${report.memoryGiB} GiB`]] as [string, string][])),
    ['Isolated', cpu.crossOriginIsolated ? 'Yes' : 'No, so one thread only'],
  ];
  return (
    <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-t border-line pt-3 text-xs">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-faint">{name}</dt>
          <dd className="min-w-0 text-right break-words text-soft">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function gpuName(gpu: NonNullable<DeviceReport['gpu']>): string {
  const name = gpu.description || [gpu.vendor, gpu.architecture].filter(Boolean).join(' ') || 'Unnamed';
  return gpu.software ? `${name} (software)` : name;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
