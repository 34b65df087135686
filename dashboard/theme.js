// Runs before anything is painted, so that nothing is painted twice.
try {
  const chosen = localStorage.getItem('portcullis-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Where nothing may be kept, the system decides.
}
