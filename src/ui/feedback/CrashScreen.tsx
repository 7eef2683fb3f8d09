import { Component, type ReactNode } from 'react';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';

/** A fault of the page itself: said in words, with a way on. Pictures and the form are on the disk. */
export class CrashScreen extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const { title, happened } = failureText({
      code: 'unexpected',
      message: error.message,
      stack: error.stack ?? null,
    });
    return (
      <div role="alert" className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-3 p-6">
        <h1 className="text-lg font-semibold">{title}</h1>
        <p className="break-words text-soft">{happened}</p>
        <p>Your pictures and settings are kept. Reload to go on.</p>
        <Button look="primary" className="self-start" onClick={() => location.reload()}>
          Reload
        </Button>
      </div>
    );
  }
}
