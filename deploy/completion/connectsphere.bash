# bash completion for connectsphere. Commands and options are those that `connectsphere --help` shows, so that this file
# never lags behind the program; only the values of options are known here.

# The options (--name) or the commands of a command, one a line.
_connectsphere_options() { # PROGRAM [COMMAND]
    "$@" --help 2>/dev/null | grep -oE '^ +(-[A-Za-z], ?)?--[a-z][a-z-]*' | grep -oE -- '--[a-z-]+'
}
_connectsphere_commands() { # PROGRAM
    "$1" --help 2>/dev/null | sed -n -E '/^Subcommands:/,/^$/s/^  ([a-z][a-z-]*).*/\1/p'
}

_connectsphere() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* ]] || {
            # Only what is a command; the value of an option before it is not.
            _connectsphere_commands "$program" | grep -qxF -- "${COMP_WORDS[i]}" && command=${COMP_WORDS[i]} && break
        }
    done
    local values=''
    case $previous in
        --audio-in) values='none tone' ;;
        --audio-out | --video-out) values=none ;;
        --video-in) values='none pattern camera' ;;
        --video-codec) values='auto jpeg vp8 h264' ;;
        --fps) values='5 10 15 25 30' ;;
        --for | --timeout) values='10s 30s 1m 10m 1h' ;;
        --share) values='screen monitor:0 window: region: generator:typing' ;;
        --input) values='generator:still generator:typing generator:scroll generator:drag generator:video' ;;
        --out | --watch) values=none ;;
        --display) values=${DISPLAY:-:0} ;;
        --password-file) values=' ' ;;
        -s | --server) mapfile -t COMPREPLY < <(compgen -A hostname -- "$word") && return ;;
        -r | --room | -n | --name | --fingerprint | --password | --video-size | --of | --since | --search | \
            --window | --region | --monitor | --quality) return ;;
    esac
    if [[ -n $values ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
        case $previous in --audio-* | --video-in | --video-out | --*-file | --share | --input | --out | --watch) compopt -o default 2>/dev/null ;; esac
    elif [[ $word == -* || (-n $command && -z $word) ]]; then
        # shellcheck disable=SC2086 # no command: no argument
        mapfile -t COMPREPLY < <(compgen -W "$(_connectsphere_options "$program" $command)" -- "$word")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_connectsphere_commands "$program")" -- "$word")
    else
        compopt -o default 2>/dev/null
    fi
}
complete -F _connectsphere connectsphere
