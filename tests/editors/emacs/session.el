;;; Emacs with eglot: findings and one fix.   -*- lexical-binding: t -*-
;;   AUTODAO=<program> emacs -Q --batch -l session.el <folder>

;; Debian's packages are not found by themselves with -Q. Emacs 29 has eglot built in.
(require 'package)
(add-to-list 'package-directory-list "/usr/share/emacs/site-lisp/elpa")
(package-initialize)
(require 'eglot)
(require 'flymake)

(define-derived-mode sample-rust-mode prog-mode "Rust")
(add-to-list 'eglot-server-programs
             (list '(sample-rust-mode :language-id "rust") (getenv "AUTODAO") "lsp"))
(setq eglot-sync-connect t
      eglot-connect-timeout 60
      eglot-confirm-server-initiated-edits nil
      make-backup-files nil)

(defun await (what is-there)
  "Wait until IS-THERE, or fail saying WHAT never came."
  (let ((end (+ (float-time) 60)))
    (while (and (not (funcall is-there)) (< (float-time) end))
      (accept-process-output nil 0.05))
    (unless (funcall is-there) (error "Waited in vain for %s" what))))

(defun findings ()
  "How many findings the buffer has. Idle timers do not run in batch mode, so what they do is done here."
  (eglot--signal-textDocument/didChange)
  (ignore-errors (flymake-start))
  (length (flymake-diagnostics)))

(let* ((folder (car command-line-args-left))
       (file (expand-file-name "wide.rs" folder)))
  (with-temp-file file
    (insert "fn f(a: u8) -> u8 {\n    /* 😀 */ dbg!(a)\n}\n"))
  (let ((default-directory folder)) (call-process "git" nil nil nil "init" "-q"))
  (find-file file)
  (sample-rust-mode)
  (let ((noninteractive nil)) (apply #'eglot (eglot--guess-contact)))
  (flymake-mode 1)
  (await "the finding" (lambda () (= 1 (findings))))
  (goto-char (flymake-diagnostic-beg (car (flymake-diagnostics))))
  (unless (looking-at "dbg!") (error "The finding is at %S" (buffer-substring (point) (line-end-position))))
  (message "ok   a finding is shown where it is")
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt choices &rest _)
               (car (all-completions "Unwrap" choices)))))
    (let ((last-nonmenu-event ?x)) (call-interactively #'eglot-code-actions)))
  (await "the fix" (lambda () (not (string-search "dbg!" (buffer-string)))))
  (unless (string-search "    /* 😀 */ a\n" (buffer-string)) (error "The text is %S" (buffer-string)))
  (message "ok   a fix is applied")
  (await "the finding to go" (lambda () (= 0 (findings))))
  (message "ok   the finding goes")
  (save-buffer)
  (eglot-shutdown (eglot-current-server))
  (kill-emacs 0))
