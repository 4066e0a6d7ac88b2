import {
  Button,
  Card,
  Divider,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  Title2,
  tokens,
} from '@fluentui/react-components';
import { type FormEvent, useState } from 'react';
import { openSession, type SessionState, signInWithPassword, tokenOfAddress } from '../stores/session-store.ts';

const useStyles = makeStyles({
  page: { minHeight: '100%', display: 'grid', placeItems: 'center', padding: '24px', boxSizing: 'border-box' },
  card: { width: 'min(480px, 100%)', boxSizing: 'border-box', padding: '32px', rowGap: '16px' },
  title: { margin: 0 },
  mark: { width: '40px', height: '40px' },
  code: {
    display: 'block',
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
  },
  form: { display: 'flex', flexDirection: 'column', rowGap: '12px' },
});

/** The token in what a person pasted: a whole link, or the token alone. */
function tokenOfPaste(text: string): string | null {
  const pasted = text.trim();
  if (!URL.canParse(pasted)) return pasted.length >= 16 ? pasted : null;
  return tokenOfAddress(new URL(pasted));
}

export function SignInPage({ state }: { state: Extract<SessionState, { kind: 'signed-out' | 'unreachable' }> }) {
  const styles = useStyles();
  return (
    <main className={styles.page}>
      <Card className={styles.card}>
        <img src="/fanout.svg" alt="" className={styles.mark} />
        <Title2 as="h1" className={styles.title}>
          Sign in to Fanout
        </Title2>
        {state.problem !== null && (
          <MessageBar intent={state.kind === 'unreachable' ? 'error' : 'warning'} layout="multiline">
            <MessageBarBody>{state.problem}</MessageBarBody>
          </MessageBar>
        )}
        {state.kind === 'unreachable' ? (
          <Button appearance="primary" onClick={() => void openSession(null)}>
            Try again
          </Button>
        ) : (
          <>
            <PasswordForm />
            <Divider>or</Divider>
            <LinkForm />
          </>
        )}
      </Card>
    </main>
  );
}

function PasswordForm() {
  const styles = useStyles();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (isBusy) return;
    if (name.trim() === '' || password === '') {
      setProblem('Enter your name and your password.');
      return;
    }
    setIsBusy(true);
    const refusal = await signInWithPassword(name, password);
    if (refusal === null) return; // this page is gone
    setIsBusy(false);
    setProblem(refusal);
    setPassword('');
    form.querySelector<HTMLInputElement>('input[name=password]')?.focus();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} aria-label="Name and password">
      {problem !== null && (
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>{problem}</MessageBarBody>
        </MessageBar>
      )}
      <Field label="Name">
        <Input
          value={name}
          onChange={(_event, data) => setName(data.value)}
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={200}
        />
      </Field>
      <Field label="Password">
        <Input
          type="password"
          value={password}
          onChange={(_event, data) => setPassword(data.value)}
          name="password"
          autoComplete="current-password"
          maxLength={1024}
        />
      </Field>
      <Button appearance="primary" type="submit" disabledFocusable={isBusy}>
        {isBusy ? 'Signing in' : 'Sign in'}
      </Button>
    </form>
  );
}

function LinkForm() {
  const styles = useStyles();
  const [link, setLink] = useState('');
  const [problem, setProblem] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = tokenOfPaste(link);
    if (token === null) setProblem('That is no sign-in link. Copy the whole line that the server printed.');
    else void openSession(token);
  };
  return (
    <>
      <Text>
        Use a one-time link, which makes you the local administrator. On the computer of the Notification Server, this
        prints one; it is valid once, for 10 minutes:
      </Text>
      <code className={styles.code}>npx fanout serve</code>
      <form className={styles.form} onSubmit={submit} aria-label="One-time link">
        <Field
          label="Sign-in link"
          {...(problem === '' ? {} : { validationMessage: problem, validationState: 'error' as const })}
        >
          <Input
            value={link}
            onChange={(_event, data) => {
              setLink(data.value);
              setProblem('');
            }}
            placeholder="http://127.0.0.1:27802/sign-in#token=…"
            autoComplete="off"
          />
        </Field>
        <Button type="submit">Use the link</Button>
      </form>
    </>
  );
}
